"""How an account is recognised without being readable: its blind index."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sambruk.common import crypto


def fingerprints(account: Mapping[str, str], tenant_id: UUID) -> tuple[str, ...]:
    """Return an account's blind index under every key, the current one's first; empty without an account."""
    if "clearing" not in account:
        return ()
    context = f"{tenant_id}/financial_assistance.account".encode()
    return crypto.blind_indexes(f"{account['clearing']}-{account['account']}", context)
