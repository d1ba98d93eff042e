"""Fields and the other components: what people and screen readers are told."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.template import Context, Template

from sambruk.platform.ui.cells import table_view
from sambruk.platform.ui.components import Column, Difference, Row, Table
from sambruk.platform.ui.fields import Choice, FieldView, from_bound


def draw(source: str, **data: Any) -> str:
    return Template(source).render(Context(data))


def field(**parts: Any) -> str:
    return draw("{% field view %}", view=FieldView(**parts))


def test_a_field_ties_its_help_source_and_error_to_its_input() -> None:
    text = field(
        name="rent",
        label="Hur stor är hyran?",
        kind="amount",
        help="Hela hyran.",
        known_from="Din ansökan i oktober",
        errors=("Skriv hyran i hela kronor, till exempel 5400.",),
        value="<b>",
    )
    assert 'aria-describedby="id_rent-help id_rent-source id_rent-error"' in text
    for part in ("help", "source", "error"):
        assert f'id="id_rent-{part}"' in text
    assert 'aria-invalid="true"' in text
    assert 'inputmode="decimal"' in text
    assert ">kr</span>" in text
    assert "&lt;b&gt;" in text
    assert '<label class="ds-label" for="id_rent"' in text


def test_only_what_is_optional_says_so() -> None:
    assert "(frivilligt)" in field(name="a", label="A", required=False)
    required = field(name="a", label="A")
    assert "(frivilligt)" not in required
    assert "*" not in required
    assert 'aria-required="true"' in required


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("number", 'inputmode="numeric"'),
        ("date", 'type="date"'),
        ("month", 'type="month"'),
        ("email", 'autocomplete="email"'),
        ("phone", 'type="tel"'),
        ("personal_number", 'inputmode="numeric"'),
        ("postcode", 'autocomplete="postal-code"'),
        ("long_text", "<textarea"),
        ("file", 'type="file"'),
        ("hidden", 'type="hidden"'),
        ("password", 'type="password"'),
    ],
)
def test_each_kind_has_its_input(kind: Any, expected: str) -> None:
    assert expected in field(name="a", label="A", kind=kind, value="5")


def test_yes_and_no_are_a_group_with_a_legend() -> None:
    text = field(name="a", label="Bor det barn hos dig?", kind="yes_no", value=False)
    assert "<legend" in text
    assert 'role="radiogroup"' in text
    assert text.count('type="radio"') == 2
    assert 'value="no" checked' in text


def test_choices_keep_what_was_chosen() -> None:
    choices = (Choice("a", "A", "hjälp"), Choice("b", "B"))
    assert 'value="b" checked' in field(name="x", label="X", kind="checkboxes", choices=choices, value=["b"])
    assert 'value="b" selected' in field(name="x", label="X", kind="select", choices=choices, value="b")
    assert 'aria-describedby="id_x_0-help"' in field(
        name="x", label="X", kind="radio", choices=choices, value="a"
    )
    assert " checked" in field(name="x", label="X", kind="checkbox", value="on")
    assert "–" in field(name="x", label="X", kind="static")


def test_the_error_summary_leads_to_each_field() -> None:
    views = [
        FieldView(name="a", label="A", errors=("Skriv a.",)),
        FieldView(name="b", label="B", kind="yes_no", errors=("Välj b.",)),
        FieldView(name="c", label="C"),
    ]
    text = draw("{% error_summary views %}", views=views)
    assert "2 saker behöver rättas" in text
    assert 'href="#id_a"' in text
    assert 'href="#id_b_0"' in text
    assert 'tabindex="-1"' in text
    assert draw("{% error_summary views %}", views=[]) == ""
    assert "En sak behöver rättas" in draw("{% error_summary pairs %}", pairs=[("id_a", "Skriv a.")])


class Form(forms.Form):
    name = forms.CharField(label="Namn", max_length=40, help_text="Som på legitimationen.")
    amount = forms.DecimalField(label="Belopp", required=False)
    count = forms.IntegerField(label="Antal", required=False)
    day = forms.DateField(label="Dag", required=False)
    note = forms.CharField(label="Not", widget=forms.Textarea, required=False)
    kind = forms.ChoiceField(label="Sort", choices=[("a", "A")], required=False)
    one = forms.ChoiceField(label="En", choices=[("a", "A")], widget=forms.RadioSelect, required=False)
    many = forms.MultipleChoiceField(
        choices=[("a", "A")], widget=forms.CheckboxSelectMultiple, required=False
    )
    yes = forms.BooleanField(label="Ja", required=False)
    secret = forms.CharField(widget=forms.PasswordInput, required=False)
    upload = forms.FileField(required=False)
    mail = forms.EmailField(required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self) -> None:
        raise forms.ValidationError("Uppgifterna stämmer inte överens.")


def test_a_django_form_is_shown_in_the_same_way() -> None:
    form = Form({"amount": "x"})
    kinds = [from_bound(bound).kind for bound in form]
    assert kinds == [
        "text",
        "amount",
        "number",
        "date",
        "long_text",
        "select",
        "radio",
        "checkboxes",
        "checkbox",
        "password",
        "file",
        "email",
        "hidden",
    ]
    assert 'maxlength="40"' in draw("{% field form.name %}", form=form)
    text = draw("{% error_summary form %}", form=form)
    assert "Uppgifterna stämmer inte överens." in text
    assert 'href="#id_name"' in text


def test_steps_say_where_one_is() -> None:
    steps = [
        {"title": "Om dig", "state": "done", "url": "/1/"},
        {"title": "Hushåll", "state": "current"},
        {"title": "Granska", "state": "todo"},
    ]
    text = draw("{% steps steps %}", steps=steps)
    assert "Steg 2 av 3 · Hushåll" in text
    assert 'href="/1/"' in text
    assert text.count('aria-current="step"') == 1
    assert draw("{% steps steps %}", steps=[]).strip() == ""


def test_a_table_puts_numbers_to_the_right_and_opens_by_its_first_cell() -> None:
    table = Table(
        caption="Två ärenden",
        columns=(Column(key="n", label="Ärende"), Column(key="kr", label="Belopp", kind="amount")),
        rows=(Row(cells={"n": "1", "kr": Decimal("5400")}, url="/1/", attention=True), Row(cells={"n": "2"})),
        footer={"n": "Summa", "kr": Decimal("5400")},
        list_keys=True,
    )
    text = draw("{% data_table table %}", table=table)
    assert '<td class="sb-num" data-label="Belopp">5\u00a0400\u00a0kr</td>' in text
    assert '<a class="ds-link" href="/1/" data-open>1</a>' in text
    assert "behöver åtgärd" in text
    assert "<tfoot>" in text
    empty = table_view({"columns": [{"key": "a", "label": "A"}], "rows": [{"cells": {"a": None}}]})
    assert empty.body == '<tr data-row><th scope="row"></th></tr>'


def test_a_row_escapes_all_that_people_wrote() -> None:
    """The rows are put together without a template: nothing that somebody wrote is markup in any place."""
    evil = """<b x="1" y='2'>&"""
    written = "&lt;b x=&quot;1&quot; y=&#x27;2&#x27;&gt;&amp;"
    table = Table(
        caption="Ett",
        columns=(
            Column(key="a", label=evil),
            Column(key="b", label=evil, kind="tag"),
            Column(key="c", label="Dag", kind="text"),
        ),
        rows=(Row(cells={"a": evil, "b": evil, "c": evil}, url=f"/{evil}", id=evil, attention=True),),
        markable=True,
    )
    text = draw("{% data_table table %}", table=table)
    assert "<b " not in text
    assert f'href="/{written}"' in text
    assert f'id="{written}"' in text
    assert f'value="{written}" aria-label="Markera {written}"' in text
    assert f'<span class="ds-tag sb-tag" data-color="neutral">{written}</span>' in text
    assert draw("{% tag label %}", label=evil) == (
        f'<span class="ds-tag sb-tag" data-color="neutral">{written}</span>'
    )


@pytest.mark.parametrize(
    ("mark", "word"),
    [
        ("official", "officiell"),
        ("third_party", "tredje part"),
        ("estimate", "uppskattning"),
        ("unverified", "ej kontrollerad"),
    ],
)
def test_a_figure_says_whether_it_is_official(mark: str, word: str) -> None:
    assert word in draw("{% source_mark mark 'Tabell 2026' %}", mark=mark)


def test_a_difference_is_marked() -> None:
    same = Difference(label="Lön", stated="0 kr", known="0 kr")
    assert not same.is_different
    assert replace(same, differs=True).is_different
    text = draw(
        "{% differences items %}",
        items=[Difference(label="Lön", stated="1", known="2", source="Skatteverket")],
    )
    assert "Skiljer sig" in text


def test_a_command_that_sends_carries_the_token() -> None:
    command = {"id": "take", "label": "Ta ärendet", "url": "/ta/", "key": "t", "post": True}
    text = draw("{% commands_now commands %}", commands=[command], csrf_token="abc")
    assert 'name="csrfmiddlewaretoken" value="abc"' in text
    assert 'aria-keyshortcuts="t"' in text
    assert "Inget att göra" in draw("{% commands_now commands %}", commands=[])


def test_a_block_escapes_what_people_wrote() -> None:
    text = draw(
        "{% alert 'warning' title=bad %}{{ bad }}{% endalert %}{% card title=bad %}{{ bad }}{% endcard %}",
        bad="<script>",
    )
    assert "<script>" not in text
    assert text.count("&lt;script&gt;") == 4
    assert 'role="alert"' in draw("{% alert 'danger' live=True %}x{% endalert %}")
