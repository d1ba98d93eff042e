"""Telling other systems that something has happened: CloudEvents 1.0, ids only, signed."""
