"""Every change of a case, one noun a file."""
