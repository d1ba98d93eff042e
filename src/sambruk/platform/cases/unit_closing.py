"""A unit is not closed while cases are open in it, or a service leads there."""

from __future__ import annotations

from sambruk.common.errors import Conflict
from sambruk.common.events import subscribe
from sambruk.platform.cases.models import Case
from sambruk.platform.definitions.models import Adoption
from sambruk.platform.identity.events import UnitClosing


@subscribe(UnitClosing)
def closing(event: UnitClosing) -> None:
    """Refuse, saying what has to be moved first. Raises Conflict."""
    if Case.objects.filter(unit_id=event.unit_id, closed_at__isnull=True).exists():
        raise Conflict(
            "Det finns öppna ärenden i enheten. Flytta eller avsluta dem innan den stängs.", "unit_used"
        )
    key = str(event.unit_id)
    adoptions = Adoption.objects.filter(status=Adoption.Status.OFFERED)
    if any(key in units.values() for units in adoptions.values_list("units", flat=True)):
        raise Conflict(
            "En e-tjänst som är öppen leder hit. Ändra den till en annan enhet innan den här stängs.",
            "unit_used",
        )
