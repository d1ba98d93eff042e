"""The code by which an anonymous report is followed: `K7QF-3MXP-92`.

It follows from the draft by a keyed hash, so that a retried submission shows the same code and no table holds
it: the case keeps a keyed hash of the code, and what is left in the database leads to neither.
"""

from __future__ import annotations

import re
from uuid import UUID

from sambruk.common import crypto
from sambruk.platform.cases.models import Case
from sambruk.platform.tenancy.context import current_tenant_id

#: No I, L, O, U, 0 or 1: nothing that is mistaken when it is read aloud or written by hand. 30 signs.
ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
LENGTH = 10  # 30^10, about 49 bits: guessing hits nothing


def _context(what: str) -> bytes:
    return f"forms.{what}/{current_tenant_id()}".encode()


def _code(index: str) -> str:
    number = int(index.rpartition(".")[2], 16)
    signs = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(ALPHABET))
        signs.append(ALPHABET[place])
    return "".join(signs)


def code_of(draft_id: UUID) -> str:
    """Return the code of the report that a draft becomes, without hyphens."""
    return _code(crypto.blind_index(str(draft_id), _context("code")))


def code_for(case: Case, draft_id: UUID) -> str:
    """Return the code of a case that was made from a draft, readable; empty where it has none."""
    for index in crypto.blind_indexes(str(draft_id), _context("code")):
        if case.code_hash and case.code_hash in hashes_of(_code(index)):
            return readable(_code(index))
    return ""


def hashes_of(code: str) -> list[str]:
    """Return what a case with this code carries, under each key of the ring, the current one's first."""
    return [index.rpartition(".")[2] for index in crypto.blind_indexes(code, _context("code_hash"))]


def readable(code: str) -> str:
    """Return a code as it is shown: K7QF-3MXP-92."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def find_case(typed: str) -> Case | None:
    """Return the case of a code as somebody typed it (small letters, spaces, hyphens), or None."""
    bare = re.sub(r"[^A-Z0-9]", "", typed[:60].upper())
    if len(bare) != LENGTH:
        return None
    return Case.objects.filter(code_hash__in=hashes_of(bare)).first()
