"""`sambruk verify`: whether the log has been tampered with."""
