"""What was paid and measured: cloud bills and logs of GPUs become hours, rates and utilization."""
