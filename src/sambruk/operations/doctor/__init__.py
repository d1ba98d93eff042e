"""`sambruk doctor`: looks at settings and at every part that the service needs."""
