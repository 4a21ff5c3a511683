"""Questions about answers and about the market: what a single number does not tell."""
