"""`sambruk test`: all tests, on a machine that may lack the browser or xmlsec1."""

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


def find_xmlsec1() -> str | None:
    """Return the path of xmlsec1, by which signatures of SAML are made and checked."""
    return shutil.which(os.environ.get("SAMBRUK_XMLSEC1") or "xmlsec1")


def _install(package: str, name: str) -> bool:
    """Install a system package where we may (root with apt); say whether it was tried."""
    apt = shutil.which("apt-get")
    if not apt or os.geteuid() != 0:
        return False
    typer.echo(f"{name} saknas och installeras från systemets paket.", err=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", package]):
        subprocess.run(  # noqa: S603 - fixed words
            [apt, *arguments], env=environment, stdout=sys.stderr, stdin=subprocess.DEVNULL, check=False
        )
    return True


def require_browser() -> str:
    """Return the browser's path, installing it where we may (root with apt).

    Raises OperationError that says what to run.
    """
    found = find_browser()
    if not found and _install("chromium", "Chromium"):
        found = find_browser()
    if found:
        return found
    how = (
        "sudo apt-get install -y chromium"
        if shutil.which("apt-get")
        else "installera Chromium eller Google Chrome"
    )
    raise OperationError(
        "Testerna i webbläsare behöver Chromium, som saknas. "
        f"Kör: {how}. Finns den någon annanstans: sätt SAMBRUK_CHROMIUM till dess sökväg."
    )


def require_xmlsec1() -> str:
    """Return the path of xmlsec1, installing it where we may. Raises OperationError that says what to run."""
    found = find_xmlsec1()
    if not found and _install("xmlsec1", "xmlsec1"):
        found = find_xmlsec1()
    if found:
        return found
    how = "sudo apt-get install -y xmlsec1" if shutil.which("apt-get") else "installera xmlsec1"
    raise OperationError(
        "Testerna av inloggning med SAML behöver programmet xmlsec1, som saknas. "
        f"Kör: {how}. Finns det någon annanstans: sätt SAMBRUK_XMLSEC1 till dess sökväg."
    )


def command(arguments: list[str]) -> list[str]:
    """Return the pytest command: two processes, unless the arguments say how many."""
    spread = any(given == "-n" or given.startswith(("-n", "--numprocesses")) for given in arguments)
    return [sys.executable, "-m", "pytest", *([] if spread else ["-n", "2"]), *arguments]


def run_tests(arguments: list[str]) -> int:
    """Run pytest in the clone's root, with its output as it comes, and return its exit status.

    Raises OperationError where the browser or xmlsec1 is missing, or there are no tests (the package without
    its clone).
    """
    if not (ROOT / "tests").is_dir():
        raise OperationError("Testerna följer med källkoden. Hämta den, och kör ./sambruk test där.")
    found = {"SAMBRUK_CHROMIUM": require_browser(), "SAMBRUK_XMLSEC1": require_xmlsec1()}
    environment = {**os.environ, **found, "SAMBRUK_TEST_MODE": "1"}
    return subprocess.run(command(arguments), cwd=ROOT, env=environment, check=False).returncode  # noqa: S603
