"""The wire format of answers: what drafts, applications and the API hold, as plain JSON without floats.

| type | answer |
|---|---|
| text, long_text, email | text, NFC, without control characters |
| phone | E.164, `+46701234567` |
| number | whole number |
| amount | kronor as text with two decimals, `"5400.50"` |
| date, month | `"2026-11-30"`, `"2026-11"` |
| yes_no | true, false |
| choice, choices | an option's id; a list of them |
| person | `{"personal_number": "199006022397", "given_name": …, "family_name": …}` |
| address | `{"street": …, "postal_code": "12345", "city": …, "care_of": …}` |
| bank_account | `{"clearing": "5001", "account": "1234567"}` |
| place | `{"address": …, "lat": "59.425000", "lon": "17.830000", "description": …}` |
| file | `[{"id": …, "name": …, "size": 1234, "mime": …, "sha256": …}]` |
| repeating_group | `[{"row": "r1", "amount": "100.00", …}]`; `row` is the row's own stable id |

Unanswered is absent or null. Addresses of fields: `rent`, `applicant.personal_number`, and inside groups
`incomes.0.amount` with rows counted from 0.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

Answers: TypeAlias = dict[str, Any]
#: By address, a Swedish sentence that says what to do.
Errors: TypeAlias = dict[str, str]

#: Largest JSON text of one application's answers.
MAX_ANSWERS_BYTES = 1_000_000
ROW_ID = re.compile(r"[A-Za-z0-9-]{1,40}")
#: Parts of composite answers, in the order in which they are asked; with their Swedish names.
PARTS: dict[str, dict[str, str]] = {
    "person": {"personal_number": "personnummer", "given_name": "förnamn", "family_name": "efternamn"},
    "address": {"care_of": "c/o", "street": "gatuadress", "postal_code": "postnummer", "city": "ort"},
    "bank_account": {"clearing": "clearingnummer", "account": "kontonummer"},
    "place": {"address": "adress", "lat": "latitud", "lon": "longitud", "description": "beskrivning"},
}
OPTIONAL_PARTS = {"address": {"care_of"}, "place": {"address", "lat", "lon", "description"}}


def is_unanswered(wire: Any) -> bool:
    """Return whether an answer in wire format counts as none."""
    return wire is None or wire in ("", [], {})
