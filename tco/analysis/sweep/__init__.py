"""Sweeps: a frame, a grid, files or a cluster's table of scenarios, every row answered."""

from tco.analysis.sweep.run import answer_frame, sweep

__all__ = ["answer_frame", "sweep"]
