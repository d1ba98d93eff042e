"""The lists of payments: of a case, and of the units where somebody orders or approves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.http import HttpRequest

from sambruk.common.actor import Actor
from sambruk.common.clock import today
from sambruk.common.errors import NotFound
from sambruk.common.month import Month
from sambruk.platform.cases.models import Case
from sambruk.platform.identity import protection
from sambruk.platform.identity.permissions import Permission, units_with
from sambruk.systems.financial_assistance.actions.payment_files import execution_day
from sambruk.systems.financial_assistance.models import PaymentFile, PaymentOrder
from sambruk.systems.financial_assistance.payment_views import seen_account

#: A page shows so many of each; more are counted, and come as the first are dealt with.
SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLine:
    """An order as a list shows it. `visible_case`: the actor may open its case."""

    order: PaymentOrder
    name: str
    account: str
    month: str
    visible_case: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayToFile:
    """Approved orders of one pay day, which become one file."""

    pay_on: date
    execution_on: date
    count: int
    total: Decimal
    lines: tuple[PaymentLine, ...]

    @property
    def is_late(self) -> bool:
        """Whether the pay day has passed, so that the bank pays later."""
        return self.execution_on != self.pay_on


def _line(one: PaymentOrder, actor: Actor) -> PaymentLine:
    readable = units_with(actor, Permission.CASE_READ)
    opened = units_with(actor, Permission.PROTECTED_OPEN)
    return PaymentLine(
        order=one,
        name=protection.visible_name(one.payee, actor),
        account=seen_account(one, actor),
        month=Month.of(one.month).label,
        visible_case=one.case.unit_id in readable
        and (one.case.secrecy != "protected" or one.case.unit_id in opened),
    )


def _units(actor: Actor) -> list[UUID]:
    return list(units_with(actor, Permission.PAYMENT_APPROVE) | units_with(actor, Permission.PAYMENT_ORDER))


def one(order_id: UUID, actor: Actor) -> PaymentLine:
    """Return an order of a unit where the actor orders or approves, also one of a case that stays closed.

    Raises NotFound.
    """
    found = PaymentOrder.objects.filter(pk=order_id, case__unit_id__in=_units(actor))
    order = found.select_related("case", "payee", "decision__decided_by", "decision__proposed_by").first()
    if order is None:
        raise NotFound("Vi hittar inte utbetalningen.")
    return _line(order, actor)


def in_state(actor: Actor, *states: str) -> list[PaymentLine]:
    """Return the orders of the actor's units in these states, the earliest pay day first, at most `SHOWN`."""
    orders = (
        PaymentOrder.objects.filter(case__unit_id__in=_units(actor), state__in=states)
        .select_related("case", "payee")
        .order_by("pay_on", "ordered_at", "id")[:SHOWN]
    )
    return [_line(one, actor) for one in orders]


def days_to_file(actor: Actor) -> list[DayToFile]:
    """Return the approved orders by pay day, in the units where the actor may approve."""
    orders = (
        PaymentOrder.objects.filter(
            case__unit_id__in=list(units_with(actor, Permission.PAYMENT_APPROVE)),
            state=PaymentOrder.State.APPROVED,
        )
        .select_related("case", "payee")
        .order_by("pay_on", "approved_at", "id")
    )
    days: dict[date, list[PaymentOrder]] = {}
    for one in orders:
        days.setdefault(one.pay_on, []).append(one)
    return [_day(pay_on, found, actor) for pay_on, found in days.items()]


def _day(pay_on: date, orders: list[PaymentOrder], actor: Actor) -> DayToFile:
    return DayToFile(
        pay_on=pay_on,
        execution_on=execution_day(pay_on, today()),
        count=len(orders),
        total=sum((one.amount for one in orders), Decimal("0.00")),
        lines=tuple(_line(one, actor) for one in orders[:SHOWN]),
    )


def files(actor: Actor, *, limit: int = 50) -> list[PaymentFile]:
    """Return the latest payment files that hold orders of the units where the actor may approve."""
    units = list(units_with(actor, Permission.PAYMENT_APPROVE))
    held = PaymentOrder.objects.filter(case__unit_id__in=units, file__isnull=False).values("file_id")
    return list(
        PaymentFile.objects.filter(pk__in=held)
        .select_related("document")
        .order_by("-created_at", "-id")[:limit]
    )


def waiting_count(actor: Actor) -> int:
    """Return how many orders wait to be approved in the actor's units (capped)."""
    return PaymentOrder.objects.filter(
        case__unit_id__in=list(units_with(actor, Permission.PAYMENT_APPROVE)),
        state=PaymentOrder.State.ORDERED,
    )[:1000].count()


def badge(request: HttpRequest) -> int | None:
    """Return how many orders wait for this member of staff; asks nothing for whoever approves none."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or not actor.may(Permission.PAYMENT_APPROVE):
        return None
    return waiting_count(actor)


def payments_of(case: Case, actor: Actor) -> list[PaymentLine]:
    """Return a case's orders, the newest first."""
    orders: Iterable[PaymentOrder] = (
        PaymentOrder.objects.filter(case=case).select_related("case", "payee").order_by("-ordered_at", "-id")
    )
    return [_line(one, actor) for one in orders]
