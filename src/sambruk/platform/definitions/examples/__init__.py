"""A service's own tests: filled-in applications with the outcome that is expected."""

from sambruk.platform.definitions.examples.model import Example, read_examples
from sambruk.platform.definitions.examples.run import Outcome, Report, run_examples

__all__ = ["Example", "Outcome", "Report", "read_examples", "run_examples"]
