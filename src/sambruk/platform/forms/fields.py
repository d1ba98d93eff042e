"""From a step of the definition to what its page draws: `Block`s of `FieldView`s, in the form's order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from sambruk.platform.definitions.answers.wire import PARTS
from sambruk.platform.definitions.conditions import Evaluation
from sambruk.platform.definitions.display import text_of
from sambruk.platform.definitions.language import (
    Field,
    InformationField,
    PlaceField,
    RepeatingGroupField,
    RowField,
    Step,
    computed_of,
    say,
)
from sambruk.platform.forms.blocks import Block, Row, element_ids
from sambruk.platform.forms.depends import depended_on
from sambruk.platform.forms.maps import tile_server
from sambruk.platform.forms.signers import owner_party
from sambruk.platform.forms.working import Working
from sambruk.platform.ui.components import FileCard
from sambruk.platform.ui.fields import Choice, FieldView

_KINDS: dict[str, Any] = {
    "text": "text",
    "long_text": "long_text",
    "number": "number",
    "amount": "amount",
    "date": "date",
    "month": "month",
    "yes_no": "yes_no",
    "email": "email",
    "phone": "phone",
}
_PART_KINDS: dict[str, Any] = {
    "personal_number": "personal_number",
    "postal_code": "postcode",
    "clearing": "clearing",
    "account": "account",
    "lat": "hidden",
    "lon": "hidden",
    "description": "long_text",
}
_PART_LABELS = {
    "personal_number": "Personnummer",
    "given_name": "Förnamn",
    "family_name": "Efternamn",
    "care_of": "C/o",
    "street": "Gatuadress",
    "postal_code": "Postnummer",
    "city": "Ort",
    "clearing": "Clearingnummer",
    "account": "Kontonummer",
    "address": "Adress eller plats",
    "description": "Beskriv platsen",
    "lat": "Latitud",
    "lon": "Longitud",
}
_AUTOCOMPLETE = {
    "given_name": "given-name",
    "family_name": "family-name",
    "street": "street-address",
    "city": "address-level2",
}
#: More options than this are a list to choose from rather than buttons.
MANY_OPTIONS = 12
_ACCEPT = {"pdf": ".pdf", "image": "image/*", "word": ".docx,.odt", "text": ".txt"}


@dataclass
class Page:
    """What a step's fields are drawn from: the answers as they are typed, and what is wrong with them."""

    work: Working
    step: Step
    answers: Mapping[str, Any]
    evaluation: Evaluation
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def blocks(self) -> list[Block]:
        """Return what the page draws, hidden questions left out."""
        refreshing = depended_on(self.work.effective.conditions)
        return [
            self._block(item, item.id, self.answers, refreshing)
            for item in self.step.fields
            if item.id in self.evaluation.visible
        ]

    def error_links(self) -> list[tuple[str, str]]:
        """Return the errors as pairs of element id and sentence, in the page's order."""
        ids = element_ids(self.blocks())
        return [(ids.get(address, ""), text) for address, text in self.errors.items()]

    def _block(
        self, item: Field | RowField, address: str, values: Mapping[str, Any], refreshing: set[str]
    ) -> Block:
        if isinstance(item, InformationField):
            return Block(kind="information", id=address, text=say(item.text), tone=item.tone)
        refresh = item.id in refreshing
        shared: dict[str, Any] = {
            "id": address,
            "label": say(item.label),
            "help": say(item.help),
            "refresh": refresh,
            "name": address,
            "errors": self._errors(address),
            "known_from": self.work.draft.known_from.get(address, ""),
            "required": self._required(item, address),
        }
        if isinstance(item, RepeatingGroupField):
            return Block(kind="group", **shared, **self._group(item, values.get(item.id), refreshing))
        if item.type == "file":
            return Block(kind="files", **shared, **self._files(item, address, values))
        value = values.get(item.id)
        if computed_of(item) is not None:
            worked_out = self.evaluation.computed.get(address)
            said = _("Räknas ut när du har svarat.") if worked_out is None else text_of(item, worked_out)
            return Block(kind="computed", **{**shared, "text": said})
        if item.type in PARTS:
            return Block(kind="parts", **shared, **self._parts(item, address, value))
        view = self._view(item, address, value)
        return Block(kind="field", view=view, clear=item.type == "choices", **shared)

    def _errors(self, address: str) -> Sequence[str]:
        return (self.errors[address],) if address in self.errors else ()

    def _required(self, item: Any, address: str) -> bool:
        return address in self.evaluation.required or bool(item.required_when)

    def _typed(self, address: str, value: Any) -> Any:
        return self.typed.get(address, value)

    def _view(self, item: Any, address: str, value: Any) -> FieldView:
        choices = tuple(
            Choice(option.id, say(option.label), say(option.help)) for option in getattr(item, "options", ())
        )
        kind = _KINDS.get(item.type, "text")
        if item.type == "choice":
            kind = "select" if len(choices) > MANY_OPTIONS else "radio"
        elif item.type == "choices":
            kind = "checkboxes"
        return FieldView(
            name=address,
            label=say(item.label),
            kind=kind,
            help=say(item.help),
            value=self._typed(address, _shown(item, value)),
            required=self._required(item, address),
            errors=self._errors(address),
            choices=choices,
            suffix=say(item.unit) if item.type == "number" and item.unit else "",
            maxlength=item.max_length if item.type in ("text", "long_text") else None,
            known_from=self.work.draft.known_from.get(address, ""),
        )

    def _parts(self, item: Any, address: str, value: Any) -> dict[str, Any]:
        given = value if isinstance(value, Mapping) else {}
        names = PARTS[item.type]
        if item.type == "person" and item.identify == "name":
            names = {part: label for part, label in names.items() if part != "personal_number"}
        owner = self.work.service.parties.get(owner_party(self.work.service))
        # Whoever has logged in is who she is; staff may mend a name that was written down wrong.
        fixed = (
            item.type == "person"
            and owner is not None
            and owner.person == address
            and self.work.draft.person_id is not None
        )
        views = []
        for part in names:
            name = f"{address}.{part}"
            # Of a place any of its parts will do: none of them is "frivilligt" where the place is asked for.
            optional = part == "care_of"
            views.append(
                FieldView(
                    name=name,
                    label=_PART_LABELS[part],
                    kind=_PART_KINDS.get(part, "text"),
                    value=self._typed(name, given.get(part, "")),
                    required=self._required(item, address) and not optional,
                    errors=self._errors(name),
                    maxlength=None if part in ("lat", "lon") else 1000 if part == "description" else 200,
                    autocomplete="" if "." in address else _AUTOCOMPLETE.get(part, ""),
                    readonly=fixed and bool(given.get(part)),
                    rows=2,
                    # What a script wrote outlives a lost login like what was typed.
                    attrs={"data-kept": ""} if part in ("lat", "lon") else {},
                )
            )
        return {"views": views, **self._place(item, address, given)}

    def _place(self, item: Any, address: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if not isinstance(item, PlaceField):
            return {}
        lat, lon = (str(self._typed(f"{address}.{part}", given.get(part, ""))) for part in ("lat", "lon"))
        return {
            "geo": "position" in item.allow,
            "map": tile_server() if "map" in item.allow else None,
            "position": (lat, lon),
        }

    def _files(self, item: Any, address: str, values: Mapping[str, Any]) -> dict[str, Any]:
        key = address
        if "row" in values:
            group, _place, name = address.split(".")
            key = f"{group}.{values['row']}.{name}"
        draft = self.work.draft
        cards = [
            FileCard(
                name=one.document.name,
                size=one.document.size,
                url=reverse("document", args=[one.document.pk]) if draft.person_id else "",
                remove_url=reverse("forms:remove_file", args=[draft.pk, one.pk]),
                scan=one.document.scan,
            )
            for one in self.work.files
            if one.field == key
        ]
        return {
            "files": cards,
            "upload_url": reverse("forms:upload", args=[draft.pk, key]),
            "upload_accept": ",".join(_ACCEPT[word] for word in item.accept),
            "multiple": item.max_files > 1,
            "target": f'[id="files_{address}"]',
            "full": len(cards) >= item.max_files,
        }

    def _group(self, item: RepeatingGroupField, value: Any, refreshing: set[str]) -> dict[str, Any]:
        rows = value if isinstance(value, list) else []
        drawn = [
            Row(
                id=str(row.get("row") or f"r{place + 1}"),
                title=f"{say(item.row_label)} {place + 1}",
                place=place,
                name=f"{item.id}.{place}",
                blocks=[
                    self._block(inner, f"{item.id}.{place}.{inner.id}", row, refreshing)
                    for inner in item.fields
                    if f"{item.id}.{place}.{inner.id}" in self.evaluation.visible
                ],
            )
            for place, row in enumerate(rows)
        ]
        return {"rows": drawn, "add_label": say(item.add_label), "full": len(rows) >= item.max_rows}


def _shown(item: Any, value: Any) -> Any:
    """Return an answer as it stands in its input."""
    if value is None:
        return ""
    if item.type == "amount" and isinstance(value, str):
        return value.removesuffix(".00").replace(".", ",")
    if item.type == "phone":
        return text_of(item, value)
    return value
