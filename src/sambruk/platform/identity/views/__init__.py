"""The pages of identity, one file a subject."""
