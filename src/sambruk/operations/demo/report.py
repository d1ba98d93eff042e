"""The systems of the association's report of 2011, and where each stands in this house."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class ReportSystem:
    """A system of the report. ``package`` is its folder under ``systems``, "" for the platform's own."""

    name: str | Promise
    what: str | Promise
    package: str
    address: str = ""
    staff: bool = False


SYSTEMS = (
    ReportSystem(
        _("Öppen teknisk plattform (ÖTP)"),
        _("Det som alla e-tjänster och ärenden står på"),
        "",
        "/",
        staff=False,
    ),
    ReportSystem(
        _("eAnsökan-Soc"),
        _("Ansökan om fortsatt ekonomiskt bistånd, från ansökan till utbetalning"),
        "financial_assistance",
        "/tjanster/ekonomiskt-bistand-ateransokan/",
    ),
    ReportSystem(
        _("Multifråga"),
        _("En fråga till många myndigheter"),
        "authority_queries",
        "/handlaggning/",
        staff=True,
    ),
    ReportSystem(
        _("Streamflow"), _("Kontaktcentrets ärenden"), "contact_centre", "/handlaggning/", staff=True
    ),
    ReportSystem(
        _("BITA"),
        _("Planering och tid i personlig assistans"),
        "personal_assistance",
        "/handlaggning/",
        staff=True,
    ),
    ReportSystem(_("e-arkiv"), _("Bevarande och mellanarkiv"), "preservation", "/handlaggning/", staff=True),
    ReportSystem(
        _("Förskola och skola"), _("Schema för elev, lärare och sal"), "school", "/handlaggning/", staff=True
    ),
    ReportSystem(
        _("Gemensam, öppen lagringsplats"),
        _("Där kommunerna delar e-tjänster med varandra"),
        "shared_store",
        "/",
    ),
    ReportSystem(
        _("Föreningen"),
        _("Medlemmar, avgifter, projekt och dokument"),
        "association",
        "/handlaggning/",
        staff=True,
    ),
)


def built(system: ReportSystem, installed: Collection[str]) -> bool:
    """Say whether the system is here: the platform always, another where its folder is installed."""
    return not system.package or system.package in installed
