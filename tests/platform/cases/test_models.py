from __future__ import annotations


def test_the_tables_are_there(tenant: object) -> None:
    from sambruk.platform.cases.models import Case

    assert list(Case.objects.all()) == []
