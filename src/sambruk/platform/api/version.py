"""Which API this is. The major version stands in the address, so what changes within it breaks nobody."""

from __future__ import annotations

from datetime import date

NAME = "Sambruk"
VERSION = "1.0.0"
RELEASED = date(2026, 11, 24)
STATUS = "active"
ROOT = "/api/v1/"
#: Header of every response. Source: Sveriges REST API-profil (Digg), versioning.
VERSION_HEADER = "X-Api-Version"
