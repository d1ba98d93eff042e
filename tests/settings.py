"""The settings of a test run: the environment is set before the platform's own settings read it."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

# One folder a run, shared with the xdist workers, which inherit the environment. Made when it is needed.
RUN = Path(
    os.environ.get("SAMBRUK_TEST_RUN")
    or f"{tempfile.gettempdir()}/sambruk-test-{os.getpid()}-{secrets.token_hex(4)}"
)
os.environ["SAMBRUK_TEST_RUN"] = str(RUN)
os.environ["SAMBRUK_TEST_MODE"] = "1"
# Every test comes from one address; those of the limits switch them on.
os.environ["SAMBRUK_RATE_LIMITS"] = "off"
os.environ["SAMBRUK_DATA"] = str(RUN / "data")
# Keys of test data alone.
os.environ.setdefault("SAMBRUK_FIELD_KEYS", "test:" + "dGVzdC10ZXN0LXRlc3QtdGVzdC10ZXN0LXRlc3QtdGU=")
os.environ.setdefault("SAMBRUK_AUDIT_KEY", "dGVzdC1hdWRpdC10ZXN0LWF1ZGl0LXRlc3QtYXVkaXQ=")
# The browser driver keeps an event loop in its thread, which Django takes for async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
# A test that forgets to ask for a database must not find one by chance.
os.environ["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/none"

from sambruk.config.settings import *  # noqa: E402, F403
