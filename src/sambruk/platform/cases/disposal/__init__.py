"""Disposal (gallring) of closed cases: list, confirmation by a person, job, protocol."""
