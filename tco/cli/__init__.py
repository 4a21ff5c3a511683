"""`tco`: the same questions from a shell."""

from tco.cli.main import main

__all__ = ["main"]
