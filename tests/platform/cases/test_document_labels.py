"""A case's documents are told apart in Swedish."""

from __future__ import annotations

import pytest

from sambruk.platform.cases.document_labels import category_label
from sambruk.platform.messaging.attachments import KIND


@pytest.mark.parametrize("category", ["application", "attachment", "completion", "letter", "payment", KIND])
def test_every_category_that_is_filed_has_a_name_of_its_own(category: str) -> None:
    assert category_label(category) not in (category, "Handling")


def test_a_category_without_a_name_is_a_document() -> None:
    assert category_label("calculation_sheet") == "Handling"
