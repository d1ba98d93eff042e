"""The components as template tags, and the filters of Swedish dates and amounts.

`README.md` beside the package lists each with one line of use. A tag draws one template under
``ui/components/``; what it takes is described in `components.py` and `fields.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sambruk.platform.ui import formats
from sambruk.platform.ui.cells import table_view, tag_html
from sambruk.platform.ui.fields import FieldView, from_bound
from sambruk.platform.ui.frozen import frozen

register = template.Library()
register.tag("frozen", frozen)

for _name in ("kr", "datum", "tid", "datum_tid", "month", "size", "masked"):
    register.filter(_name, getattr(formats, _name))
register.filter("senast", formats.due)
register.filter("antal", formats.number)

_DIRECTORY = "ui/components/"


def _plain(name: str, *keys: str) -> None:
    """Register a tag whose arguments, in this order, go to its template unchanged."""

    def tag(*args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**dict(zip(keys, args, strict=False)), **kwargs}

    register.inclusion_tag(f"{_DIRECTORY}{name}.html", name=name)(tag)


_plain("stations", "stations", "label")
_plain("file_card", "file")
_plain("chips", "chips", "label")
_plain("empty_state", "title", "text", "url", "action")
_plain("skeleton", "lines", "label")
_plain("tabs", "tabs", "current", "label")
_plain("pagination", "newer_url", "older_url")
_plain("timeline", "entries", "empty")
_plain("definition_list", "items")
_plain("review_section", "title", "items", "change_url")
_plain("key", "keys")
_plain("process_picture", "picture")
_plain("signers", "signers")
_plain("todo_list", "items")
_plain("differences", "items", "stated_label", "known_label")
_plain("partial_state", "parts")
_plain("source_mark", "mark", "source", "url")
_plain("upload", "name", "url", "label", "help", "accept", "multiple", "target")
_plain("geo_button", "latitude", "longitude", "status")
_plain("position", "latitude", "longitude", "lat", "lon")
_plain("place_map", "latitude", "longitude", "server")


@register.simple_tag
def field(view: FieldView | BoundField) -> SafeString:
    """Draw a field: label, help, input, error. Takes a FieldView or a Django form's bound field."""
    if isinstance(view, BoundField):
        view = from_bound(view)
    return render_to_string(f"{_DIRECTORY}field.html", {"field": view})


@register.simple_tag
def error_summary(source: Any, title: str = "") -> SafeString | str:
    """Draw the summary of errors; nothing where there is none.

    Takes a Django form, FieldViews, or pairs of (element id, sentence). It takes focus when the page
    is shown and each line leads to its field.
    """
    errors = list(_errors_of(source))
    if not errors:
        return ""
    return render_to_string(f"{_DIRECTORY}error_summary.html", {"errors": errors, "title": title})


def _errors_of(source: Any) -> Iterable[tuple[str, str]]:
    if isinstance(source, BaseForm):
        yield from (("", str(error)) for error in source.non_field_errors())
        source = [from_bound(bound) for bound in source]
    for item in source or ():
        if isinstance(item, FieldView):
            yield from ((item.first_input_id, error) for error in item.errors)
        else:
            yield str(item[0]), str(item[1])


@register.inclusion_tag(f"{_DIRECTORY}steps.html")
def steps(steps: Sequence[Any]) -> dict[str, Any]:
    """Draw "Steg 2 av 7 · Hushåll" with the list of steps to go back to."""
    states = [_get(step, "state") for step in steps]
    index = states.index("current") if "current" in states else 0
    return {
        "steps": steps,
        "number": index + 1,
        "total": len(steps),
        "current": steps[index] if steps else None,
    }


def _get(item: Any, key: str) -> Any:
    return item.get(key) if isinstance(item, Mapping) else getattr(item, key, None)


@register.inclusion_tag(f"{_DIRECTORY}table.html")
def data_table(table: Any) -> dict[str, Any]:
    """Draw a table: numbers to the right, a row's first cell as its link, marks where the list has keys."""
    return {"table": table, "view": table_view(table)}


@register.inclusion_tag(f"{_DIRECTORY}calculation.html")
def calculation(rows: Sequence[Any], caption: str, compare_label: str = "") -> dict[str, Any]:
    """Draw a calculation line by line: amount, explanation, source and whether it is official."""
    return {
        "rows": rows,
        "caption": caption,
        "compare_label": compare_label,
        "workable": any(_get(row, "input_name") for row in rows),
    }


@register.inclusion_tag(f"{_DIRECTORY}commands_now.html", takes_context=True)
def commands_now(context: template.Context, commands: Sequence[Any], title: str = "") -> dict[str, Any]:
    """Draw *Gör nu*: the commands that can be done, with their keys. Posts carry the CSRF token."""
    return {"commands": commands, "title": title or _("Gör nu"), "csrf_token": context.get("csrf_token")}


@register.inclusion_tag(f"{_DIRECTORY}buttons.html")
def buttons(
    label: str = "", back_url: str = "", save: bool = True, name: str = "continue", color: str = ""
) -> dict[str, Any]:
    """Draw the row that always stands at the same place: Fortsätt, Spara och avsluta, and back."""
    return {
        "label": label or _("Fortsätt"),
        "back_url": back_url,
        "save": save,
        "name": name,
        "color": color,
    }


@register.inclusion_tag(f"{_DIRECTORY}saved.html")
def saved(at: Any = None) -> dict[str, Any]:
    """Draw "Sparat 14.32", which autosave keeps up to date."""
    return {"at": at}


@register.simple_block_tag
def alert(content: str, kind: str = "info", title: str = "", live: bool = False) -> SafeString:
    """Draw a message: kind info, success, warning or danger. ``live`` reads it out when it appears."""
    data = {"content": content, "kind": kind, "title": title, "live": live}
    return render_to_string(f"{_DIRECTORY}alert.html", data)


@register.simple_block_tag
def card(
    content: str, title: str = "", url: str = "", color: str = "", level: int = 2, tinted: bool = False
) -> SafeString:
    """Draw a card with a heading, which is a link where ``url`` is given."""
    data = {"content": content, "title": title, "url": url, "color": color, "level": level, "tinted": tinted}
    return render_to_string(f"{_DIRECTORY}card.html", data)


@register.simple_block_tag
def fieldset(content: str, legend: str, help: str = "", id: str = "") -> SafeString:  # noqa: A002
    """Draw fields that belong together, under a legend."""
    data = {"content": content, "legend": legend, "help": help, "id": id}
    return render_to_string(f"{_DIRECTORY}fieldset.html", data)


@register.simple_block_tag
def details(content: str, summary: str, open: bool = False) -> SafeString:  # noqa: A002
    """Draw something that opens on demand: "Varför frågar vi?"."""
    return render_to_string(
        f"{_DIRECTORY}details.html", {"content": content, "summary": summary, "open": open}
    )


@register.simple_tag
def tag(label: str, color: str = "neutral") -> SafeString:
    """Draw a small label; colour only for what needs a person."""
    return tag_html(label, color)
