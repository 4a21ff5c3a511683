"""What other programs ask over HTTP: the questions of `tco.questions` by address.

The app and `tco serve` answer the same routes. Nothing here calculates, reads a file that a request
names, fetches anything or writes to the disk.
"""
