"""The tables of identity: persons, who acts for whom, staff, sessions, and the ways to log in."""

from sambruk.platform.identity.models.api_client import ApiClient, ApiClientUnit, ApiToken
from sambruk.platform.identity.models.login import LoginAttempt, Session
from sambruk.platform.identity.models.mandate import Mandate, MandateKind
from sambruk.platform.identity.models.person import Person, Protection
from sambruk.platform.identity.models.provider import IdentityProvider, Protocol, Purpose
from sambruk.platform.identity.models.staff import Membership, StaffMember, Unit

__all__ = [
    "ApiClient",
    "ApiClientUnit",
    "ApiToken",
    "IdentityProvider",
    "LoginAttempt",
    "Mandate",
    "MandateKind",
    "Membership",
    "Person",
    "Protection",
    "Protocol",
    "Purpose",
    "Session",
    "StaffMember",
    "Unit",
]
