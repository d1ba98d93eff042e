"""Sambruk: one open e-government platform for Sweden's municipalities."""

__version__ = "0.1.0"
