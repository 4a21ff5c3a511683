"""How a demand is told: what its values are, which hours they are of, and a mean and a peak."""

from __future__ import annotations

from tco.workload.domains import Domain

WEEK_HOURS, YEAR_HOURS = 168, 8_760
MOST_GPUS = 1_000_000
# What a value can be: GPUs in use, GPU-hours of the time until the next row; or a load, of which
# only the shape counts.
GPUS, GPU_HOURS = "gpus", "gpu_hours"
LOADS = ("requests", "tokens", "users", "jobs", "load")
UNITS = (GPUS, GPU_HOURS, *LOADS)
GAPS = ("error", "zero")
DOMAINS = {
    "mean_gpus": Domain(0, MOST_GPUS, "GPUs needed on average over all hours", low_open=True),
    "peak_gpus": Domain(0, MOST_GPUS, "GPUs needed in the busiest hour", low_open=True),
    "peak_over_mean": Domain(1, 1_000, "GPUs needed in the busiest hour relative to the mean"),
}
OVER_WHAT = f"peak_over_mean needs mean_gpus: {DOMAINS['mean_gpus'].meaning}"
