"""`tco`: the same questions from a shell."""

from tco.cli.main import main, run

__all__ = ["main", "run"]
