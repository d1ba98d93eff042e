"""Ekonomiskt bistånd (eAnsökan-Soc)."""
