"""From work to GPUs and hours: what fits, how fast it runs, how many GPUs a demand needs."""
