"""The receipt: what was sent, by whom and when, as a PDF in the case, with the signed text beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sambruk.common.actor import Actor
from sambruk.common.calendar import format_date
from sambruk.common.clock import local_date, now, to_stockholm
from sambruk.platform.cases.models import Application, Case, CaseDocument, SignatureRecord
from sambruk.platform.definitions.display import sections
from sambruk.platform.definitions.language import say
from sambruk.platform.documents import actions as documents
from sambruk.platform.documents.letters import Letter, LetterHead, Value
from sambruk.platform.forms import working
from sambruk.platform.forms.models import Draft
from sambruk.platform.tenancy.context import current_principal


def write(draft: Draft, *, by: Actor) -> None:
    """Write the receipt into the draft's case; does nothing when it is there."""
    case = draft.case
    application = Application.objects.select_for_update().filter(submission_key=draft.pk).first()
    if case is None or application is None or application.receipt_id is not None:
        return
    receipt = documents.save(
        content=compose(draft, case, application).pdf(),
        name=f"Kvitto {case.number}.pdf",
        kind="receipt",
        by=by,
        mime="application/pdf",
    )
    signed = documents.save(
        content=draft.frozen["text"].encode("utf-8"),
        name=f"Underskriven text {case.number}.json",
        kind="signed",
        by=by,
        mime="application/json",
    )
    moment = now()
    CaseDocument.objects.bulk_create(
        [
            CaseDocument(
                case=case, document=receipt, category="application", title="Kvitto",
                added_at=moment, added_by=by.name,
            ),
            CaseDocument(
                case=case, document=signed, category="application", title="Texten som skickades in",
                added_at=moment, added_by=by.name, visible_to_resident=False,
            ),
        ]
    )  # fmt: skip
    application.receipt = receipt
    application.save(update_fields=["receipt"])


def compose(draft: Draft, case: Case, application: Application) -> Letter:
    """Return the receipt as a letter."""
    work = working.load(draft)
    content = json.loads(draft.frozen["text"])
    values: dict[str, Value] = {}
    lines: list[str] = []

    def place(text: str) -> str:
        values[f"v{len(values)}"] = text or "–"
        return f"{{v{len(values) - 1}}}"

    sent = to_stockholm(application.submitted_at)
    when = f"{format_date(sent.date())} klockan {sent:%H.%M}"
    lines += [f"# {place(say(work.service.title))}", ""]
    lines += [place(f"Vi tog emot det här {when}. Ärendets nummer är {case.number}."), ""]
    for section in sections(work.service, content["answers"], work.evaluate(content["answers"])):
        lines += [f"## {place(section.title)}", ""]
        for answer in section.answers:
            lines += [f"**{place(answer.label)}**", "", place(answer.text), ""]
    lines += _signatures(content, case, place)
    principal = current_principal()
    head = LetterHead(
        title=f"Kvitto: {say(work.service.title)}",
        sender=principal.name,
        day=local_date(application.submitted_at),
        case_number=case.number,
    )
    return Letter.compose("\n".join(lines), values, head)


def _signatures(content: Mapping[str, Any], case: Case, place: Any) -> list[str]:
    lines: list[str] = []
    names = {one["party"]: one["name"] for one in content["parties"]}
    for record in SignatureRecord.objects.filter(case=case).select_related("person").order_by("signed_at"):
        when = to_stockholm(record.signed_at)
        name = record.person.full_name
        on_behalf = names.get(record.party_role, name)
        whom = f", för {on_behalf}," if on_behalf and on_behalf != name else ""
        sentence = f"{name}{whom} skrev under {format_date(when.date())} klockan {when:%H.%M}:"
        lines += [f"## {place('Underskrift')}", "", place(sentence), ""]
        lines += [
            f"- {place(one['text'])}" for one in content["attestations"] if one["party"] == record.party_role
        ]
        lines += [""]
    lines += [place(f"Kontrollsumma för det som skickades: {case.applications.all()[0].content_hash}"), ""]
    return lines
