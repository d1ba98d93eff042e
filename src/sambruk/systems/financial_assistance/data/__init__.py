"""Effective-dated figures, rates, types and citations of ekonomiskt bistånd, each with its source."""
