"""The steps of the main job, in order."""

from __future__ import annotations

from sambruk.operations.demo import people
from sambruk.operations.demo.browser import Browser
from sambruk.operations.demo.check import Play, step, verify


def log_in_resident(run: Play, person: people.Resident) -> Browser:
    """Log a resident in by choosing her at the identity provider; returns her browser."""
    browser = run.browser(person.sub)
    page = browser.open("/logga-in/")
    verify(
        page.url.startswith(run.setup.issuer),
        f"Inloggningen ledde till {page.url}, inte till legitimationen.",
    )
    browser.press(person.name)
    verify(browser.current.url.startswith(browser.origin), f"Inloggningen slutade på {browser.current.url}.")
    return browser


def log_in_staff(run: Play, person: people.Staff) -> Browser:
    """Log a member of staff in as the demo's start page does, by one link; returns her browser."""
    browser = run.browser(person.sub)
    browser.open(f"/personal/logga-in/?som={person.sub}")
    verify(browser.current.url.startswith(browser.origin), f"Inloggningen slutade på {browser.current.url}.")
    return browser


@step("Invånaren loggar in med e-legitimation")
def resident_logs_in(run: Play) -> list[str]:
    """Through the provider's page and back, to a session of her own at this municipality alone."""
    before = run.browser(run.resident().sub).get_json("/session/")
    verify(before["logged_in"] is False, "Det fanns redan en inloggning innan någon hade loggat in.")
    browser = log_in_resident(run, run.resident())
    verify(browser.get_json("/session/")["logged_in"] is True, "Sessionen finns inte efter inloggningen.")
    return ["OpenID Connect med kod, PKCE och nonce gav en session hos kommunen"]


@step("Handläggaren loggar in")
def staff_logs_in(run: Play) -> list[str]:
    """The one-click login of the start page."""
    browser = log_in_staff(run, run.staff("caseworker"))
    verify(browser.get_json("/session/")["logged_in"] is True, "Sessionen finns inte efter inloggningen.")
    return ["Ett klick på startsidan loggade in rätt medarbetare"]
