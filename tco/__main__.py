"""`python -m tco`."""

from tco.cli import run

run()
