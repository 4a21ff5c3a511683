"""`python -m tco`."""

from tco.cli import main

main(prog_name="tco")
