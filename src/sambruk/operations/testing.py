"""`sambruk test`: all tests, on a machine that may lack the browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import typer

from sambruk.operations.errors import OperationError

ROOT = Path(__file__).resolve().parents[3]
#: What the browser is called in the systems that we meet.
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find_browser() -> str | None:
    """Return the browser's path: ``SAMBRUK_CHROMIUM``, or the first of ``BROWSERS`` on the path."""
    named = os.environ.get("SAMBRUK_CHROMIUM")
    if named:
        return shutil.which(named)
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def require_browser() -> str:
    """Return the browser's path, installing it where we may (root with apt).

    Raises OperationError that says what to run.
    """
    found = find_browser()
    if found:
        return found
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        typer.echo("Chromium saknas och installeras från systemets paket.", err=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
            subprocess.run(  # noqa: S603 - fixed words
                [apt, *arguments], env=environment, stdout=sys.stderr, stdin=subprocess.DEVNULL, check=False
            )
        found = find_browser()
        if found:
            return found
    how = "sudo apt-get install -y chromium" if apt else "installera Chromium eller Google Chrome"
    raise OperationError(
        "Testerna i webbläsare behöver Chromium, som saknas. "
        f"Kör: {how}. Finns den någon annanstans: sätt SAMBRUK_CHROMIUM till dess sökväg."
    )


def command(arguments: list[str]) -> list[str]:
    """Return the pytest command: two processes, unless the arguments say how many."""
    spread = any(given == "-n" or given.startswith(("-n", "--numprocesses")) for given in arguments)
    return [sys.executable, "-m", "pytest", *([] if spread else ["-n", "2"]), *arguments]


def run_tests(arguments: list[str]) -> int:
    """Run pytest in the clone's root, with its output as it comes, and return its exit status.

    Raises OperationError where the browser is missing, or there are no tests (the package without its clone).
    """
    if not (ROOT / "tests").is_dir():
        raise OperationError("Testerna följer med källkoden. Hämta den, och kör ./sambruk test där.")
    browser = require_browser()
    environment = {**os.environ, "SAMBRUK_CHROMIUM": browser, "SAMBRUK_TEST_MODE": "1"}
    return subprocess.run(command(arguments), cwd=ROOT, env=environment, check=False).returncode  # noqa: S603
