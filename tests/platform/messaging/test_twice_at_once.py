"""The same form, sent twice at the same time: one message, and both senders are told that it was sent."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from tests.support import people

from sambruk.platform.messaging import actions
from sambruk.platform.messaging.models import Message
from sambruk.platform.tenancy.context import tenant_transaction
from sambruk.platform.tenancy.models import Principal


def test_one_message_stands_and_both_are_answered(
    committed_db: str, jarfalla: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tenant_transaction(jarfalla.pk):
        anna = people.person(email="anna@post.example")
        case, by = people.case(anna), people.actor(anna)
    both, real = Barrier(2), actions._checked_text
    found: list[object] = []

    def together(*given: Any, **more: Any) -> str:
        # Both have looked, and neither has seen a message with the key.
        both.wait(10)
        return real(*given, **more)

    monkeypatch.setattr(actions, "_checked_text", together)

    def write() -> None:
        try:
            with tenant_transaction(jarfalla.pk):
                found.append(actions.send_message(case_id=case.pk, text="Hej!", by=by, key="k").pk)
                # The transaction of the one who came second can still be used.
                assert Message.objects.filter(key="k").count() == 1
        except Exception as error:  # noqa: BLE001 - shown by the test, not by the thread
            found.append(error)
        finally:
            connection.close()

    threads = [Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    with tenant_transaction(jarfalla.pk):
        assert found == [Message.objects.get().pk] * 2
