"""Every change of calculations and payments."""
