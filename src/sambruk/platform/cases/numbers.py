"""Case numbers: per tenant and year, without gaps."""

from __future__ import annotations

from sambruk.common.ids import uuid7
from sambruk.platform.cases.models import Case, Counter
from sambruk.platform.tenancy.backend.prepared import prepared_cursor

# One statement takes the number and writes it on the case. It must be the transaction's last: the
# counter's row is locked from here to the commit, so whatever came after would make every other
# submitter of the municipality wait (measured: 172 a second when locked first, 2,600 when last).
TAKE = f"""
WITH taken AS (
    INSERT INTO {Counter._meta.db_table} AS c (tenant_id, id, year, last)
    VALUES ($1, $2, $3, 1)
    ON CONFLICT (tenant_id, year) DO UPDATE SET last = c.last + 1
    RETURNING last
)
UPDATE {Case._meta.db_table} SET serial = taken.last FROM taken
WHERE tenant_id = $1 AND id = $4 AND serial IS NULL
RETURNING serial
"""  # noqa: S608 - table names only


def assign_number(case: Case) -> str:
    """Give the case its number and return it. To be the last statement before commit.

    Raises RuntimeError where the case has a number already (it is given once).
    """
    with prepared_cursor() as cursor:
        cursor.execute(TAKE, [case.tenant_id, uuid7(), case.year, case.pk])
        row = cursor.fetchone()
    if row is None:
        raise RuntimeError(f"case {case.pk} has a number already, or is gone")
    case.serial = row[0]
    return case.number
