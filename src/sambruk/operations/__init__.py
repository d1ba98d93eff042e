"""The floor above all: the embedded database, processes, the demo, checks and benchmarks."""
