"""A case's process: tasks for people, handlers for the system, and where it stands."""
