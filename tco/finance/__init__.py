"""Pure arithmetic of money: discounting, residual value, payback."""
