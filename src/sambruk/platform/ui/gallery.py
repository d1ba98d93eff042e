"""Samples for the gallery: each component in each of its states, without a database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.templatetags.static import static

from sambruk.platform.ui import components as ui
from sambruk.platform.ui.fields import Choice, FieldView

AT = datetime(2026, 11, 24, 13, 32, tzinfo=UTC)
STEP_TITLES = ("Om dig", "Hushåll", "Boende", "Inkomster", "Utgifter", "Bilagor", "Granska")


def _steps(current: int) -> list[ui.Step]:
    return [
        ui.Step(
            title=title,
            url="#" if index < current else "",
            state="done" if index < current else "current" if index == current else "todo",
        )
        for index, title in enumerate(STEP_TITLES)
    ]


def _stations(current: int) -> list[ui.Station]:
    labels = ("Inskickad", "Handläggs", "Beslut", "Utbetalning")
    details = ("24 november", "Du får besked senast 5 december", "", "")
    return [
        ui.Station(
            label=label,
            detail=details[index] if index <= current else "",
            state="done" if index < current else "current" if index == current else "todo",
        )
        for index, label in enumerate(labels)
    ]


def _fields() -> list[FieldView]:
    return [*_written(), *_chosen(), *_known()]


def _written() -> list[FieldView]:
    return [
        FieldView(name="name", label="Vad heter du?", autocomplete="name", value="Anna Åström"),
        FieldView(
            name="rent",
            label="Hur mycket är din hyra i december?",
            kind="amount",
            help="Skriv hela hyran, också om du delar den med någon.",
            value="fem tusen",
            errors=("Skriv hyran i hela kronor, till exempel 5400.",),
        ),
        FieldView(name="months", label="Hur många månader gäller det?", kind="number", value="3"),
        FieldView(name="moved", label="När flyttade du in?", kind="date", required=False, value="2025-03-01"),
        FieldView(name="period", label="Vilken månad söker du för?", kind="month", value="2026-12"),
        FieldView(name="email", label="E-postadress", kind="email", required=False),
        FieldView(name="phone", label="Telefon", kind="phone", suffix="", value="070-174 06 05"),
        FieldView(name="number", label="Personnummer", kind="personal_number", placeholder="ÅÅÅÅMMDD-XXXX"),
        FieldView(name="story", label="Berätta vad som har ändrats", kind="long_text", maxlength=2000),
    ]


def _chosen() -> list[FieldView]:
    return [
        FieldView(
            name="housing",
            label="Hur bor du?",
            kind="select",
            value="rent",
            choices=(Choice("rent", "Hyresrätt"), Choice("own", "Bostadsrätt"), Choice("sub", "Andra hand")),
        ),
        FieldView(
            name="children",
            label="Bor det barn hos dig?",
            kind="yes_no",
            value=True,
            help="Räkna med barn som bor hos dig halva tiden.",
        ),
        FieldView(
            name="work",
            label="Vad gör du på dagarna?",
            kind="radio",
            errors=("Välj det som stämmer bäst.",),
            choices=(
                Choice("job", "Arbetar", "Också timmar och vikariat"),
                Choice("seek", "Söker arbete", "Du är inskriven hos Arbetsförmedlingen"),
                Choice("sick", "Är sjukskriven"),
            ),
        ),
        FieldView(
            name="income",
            label="Vilka pengar fick du förra månaden?",
            kind="checkboxes",
            required=False,
            value=["wage"],
            choices=(Choice("wage", "Lön"), Choice("benefit", "Bostadsbidrag"), Choice("other", "Annat")),
        ),
    ]


def _known() -> list[FieldView]:
    return [
        FieldView(
            name="address",
            label="Din adress",
            kind="static",
            value="Storgatan 1, 177 30 Järfälla",
            known_from="Folkbokföringen",
        ),
        FieldView(
            name="account",
            label="Kontonummer",
            kind="account",
            value="1234567",
            known_from="Din ansökan i oktober",
        ),
        FieldView(name="locked", label="Ärendenummer", value="2026-000123", readonly=True),
        FieldView(
            name="truthful",
            label="Jag har lämnat riktiga uppgifter och vet att jag ska berätta om något ändras.",
            kind="checkbox",
            errors=("Kryssa i rutan för att kunna skriva under.",),
        ),
    ]


def form() -> dict[str, Any]:
    """A step of a form with every kind of field, in order and with errors."""
    return {
        "steps": _steps(1),
        "fields": _fields(),
        "at": AT,
        "files": [
            ui.FileCard(name="hyresavi-december.pdf", size=642_118, url="#", remove_url="#", kind="Hyresavi"),
            ui.FileCard(name="IMG_2044.jpeg", size=3_400_000, remove_url="#", scan="pending"),
            ui.FileCard(name="lönebesked.docx", size=0, error="Filen är tom. Välj den igen.", remove_url="#"),
        ],
    }


def resident() -> dict[str, Any]:
    """A resident's pages: what to do, cases, decision, states."""
    return {
        "todos": [
            ui.Todo(
                title="Skicka in din hyresavi",
                url="#",
                text="Vi behöver se hyran för december innan vi kan besluta.",
                due=date(2026, 12, 4),
                action="Skicka in",
            ),
            ui.Todo(title="Skriv under ansökan", url="#", due=date(2026, 11, 30)),
        ],
        "stations": _stations(1),
        "late": _stations(3),
        "signers": [
            ui.Signer(name="Anna Åström", role="sökande", signed_at=AT, is_self=True),
            ui.Signer(name="Bo Åström", role="medsökande"),
        ],
        "terms": [
            ui.Term(label="Hyra", value="5 400 kr", source="Din ansökan i oktober", change_url="#"),
            ui.Term(label="Hushållsel", value="420 kr"),
            ui.Term(label="Hemförsäkring", value=None),
        ],
        "rows": _calculation(workable=False),
        "at": AT,
    }


def _calculation(*, workable: bool) -> list[ui.CalculationRow]:
    return [
        ui.CalculationRow(label="Riksnorm", kind="heading"),
        ui.CalculationRow(
            label="Ensamstående",
            amount=Decimal("3970"),
            compare=Decimal("3970"),
            explanation="En vuxen utan sambo.",
            source="Socialtjänstförordningen 2 kap. 1 §",
            source_url="#",
            mark="official",
        ),
        ui.CalculationRow(
            label="Barn 4–6 år, matavdrag",
            amount=Decimal("3215.50"),
            compare=Decimal("3370"),
            explanation="Lunch på förskolan 5 dagar i veckan.",
            source="Socialstyrelsen, tabell 2026",
            mark="third_party",
        ),
        ui.CalculationRow(label="Skäliga kostnader", kind="heading"),
        ui.CalculationRow(
            label="Hyra",
            amount=Decimal("5400"),
            compare=Decimal("5250"),
            explanation="Enligt hyresavi.",
            input_name="rent" if workable else "",
        ),
        ui.CalculationRow(
            label="Hushållsel",
            amount=Decimal("420"),
            explanation="Schablon för 2 rum och kök.",
            source="Kommunens riktlinje",
            mark="estimate",
            input_name="power" if workable else "",
            error="Skriv beloppet med siffror, till exempel 420." if workable else "",
        ),
        ui.CalculationRow(label="Summa behov", amount=Decimal("13005.50"), kind="sum"),
        ui.CalculationRow(label="Inkomster", kind="heading"),
        ui.CalculationRow(
            label="Bostadsbidrag", amount=Decimal("-1400"), explanation="Försäkringskassan, november."
        ),
        ui.CalculationRow(
            label="Bistånd", amount=Decimal("11605.50"), explanation="Behov minus inkomster.", kind="total"
        ),
    ]


def _table() -> ui.Table:
    columns = (
        ui.Column(key="number", label="Ärende"),
        ui.Column(key="name", label="Person"),
        ui.Column(key="what", label="Gäller"),
        ui.Column(key="due", label="Senast", kind="due", sort_url="?sort=due", sorted="ascending"),
        ui.Column(key="amount", label="Belopp", kind="amount"),
        ui.Column(key="stage", label="Läge", kind="tag"),
    )
    people = ("Anna Åström", "Bo Ek", "Skyddad person", "Åsa Öberg")
    rows = [
        ui.Row(
            id=f"row-{index}",
            url="#",
            attention=index == 0,
            cells={
                "number": f"2026-00012{index}",
                "name": name,
                "what": "Ekonomiskt bistånd, december",
                "due": date(2026, 11, 25 + index),
                "amount": Decimal(5400 * index) + Decimal("0.5") if index else None,
                "stage": "Utreds" if index else "Komplettering",
            },
        )
        for index, name in enumerate(people)
    ]
    return ui.Table(
        caption="Fyra ärenden väntar på dig, det äldsta först",
        columns=columns,
        rows=rows,
        list_keys=True,
        markable=True,
    )


def staff() -> dict[str, Any]:
    """The staff's pages: the list, the case, the calculation, the states."""
    return {
        "chips": [
            ui.Chip(label="mina ärenden", url="?mina", selected=True, count=4),
            ui.Chip(label="som ska vara klara i veckan", url="?vecka"),
            ui.Chip(label="i Ekonomienheten", url="?enhet", count=38),
        ],
        "table": _table(),
        "tabs": [
            ui.Tab(id="application", label="Ansökan", url="#"),
            ui.Tab(id="calculation", label="Beräkning", url="#"),
            ui.Tab(id="documents", label="Handlingar", url="#", count=3),
            ui.Tab(id="log", label="Händelser", url="#"),
        ],
        "rows": _calculation(workable=True),
        "commands": [
            ui.Command(id="take", label="Ta ärendet", url="#", key="t", post=True, primary=True),
            ui.Command(id="complete", label="Begär komplettering", url="#", key="b"),
            ui.Command(
                id="decide",
                label="Besluta",
                url="#",
                key="s",
                warning="Brevet skickas i kväll. Fram till dess kan du ta tillbaka beslutet.",
            ),
        ],
        "log": [
            ui.LogLine(
                at=AT, text="Beräkningen ändrades", by="Karin Handläggare", detail="Hyra 5 250 → 5 400 kr"
            ),
            ui.LogLine(at=datetime(2025, 12, 1, 8, 5, tzinfo=UTC), text="Ansökan kom in", by="Anna Åström"),
        ],
        "differences": [
            ui.Difference(
                label="Bostadsbidrag", stated="1 200 kr", known="1 400 kr", source="Försäkringskassan"
            ),
            ui.Difference(label="Lön", stated="0 kr", known="0 kr", source="Skatteverket"),
        ],
        "parts": [
            ui.Part(label="Försäkringskassan", state="here"),
            ui.Part(label="CSN", state="coming", text="Frågan skickades 14.32"),
            ui.Part(label="A-kassorna", state="failed", text="Svarade inte på tre försök", retry_url="#"),
        ],
        "picture": ui.ProcessPicture(
            url=static("ui/gallery/process.bpmn"),
            title="Ärendet utreds, efter att ansökan kom in i tisdags",
            current=("assess",),
            completed=("start", "receive", "flow1", "flow2"),
            steps=(
                ui.Step(title="Ta emot", state="done"),
                ui.Step(title="Utreda", state="current"),
                ui.Step(title="Besluta"),
            ),
            large_url="#",
        ),
    }


PAGES: dict[str, Callable[[], dict[str, Any]]] = {"boende": resident, "formular": form, "handlaggning": staff}
