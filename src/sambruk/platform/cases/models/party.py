"""Who the case concerns."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext as _

from sambruk.platform.tenancy.base import TenantForeignKey, TenantModel


class Party(TenantModel):
    """A person's part in a case. `name` is as it was when the case began; a protected one is masked."""

    case = TenantForeignKey("cases.Case", on_delete=models.CASCADE, related_name="parties")
    person = TenantForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="parties")
    role = models.CharField(max_length=40)
    name = models.CharField(max_length=200, blank=True)
    contact = models.JSONField(default=dict)
    mandate = TenantForeignKey("identity.Mandate", on_delete=models.PROTECT, null=True, related_name="+")
    represented_by = models.CharField(max_length=200, blank=True)

    @property
    def name_with_representative(self) -> str:
        """The name, and who acted for the party: "Anna Andersson, genom Gunnar Andersson (ombud)"."""
        if not self.represented_by:
            return self.name
        through = self.represented_by
        if self.mandate is not None:
            through += f" ({self.mandate.holder_is})"
        return _("%(name)s, genom %(holder)s") % {"name": self.name, "holder": through}

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "case", "role", "person"], name="party_once", nulls_distinct=True
            )
        ]
        indexes = [models.Index(fields=["tenant", "person", "case"], name="party_person")]
