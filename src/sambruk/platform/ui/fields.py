"""What a form field is to the page: `FieldView`, drawn by ``{% field view %}``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from django import forms

if TYPE_CHECKING:
    from django.forms import BoundField

Kind = Literal[
    "text",
    "long_text",
    "number",
    "amount",
    "date",
    "month",
    "yes_no",
    "radio",
    "checkboxes",
    "checkbox",
    "select",
    "email",
    "phone",
    "personal_number",
    "postcode",
    "clearing",
    "account",
    "file",
    "search",
    "password",
    "hidden",
    "static",
]


@dataclass(frozen=True, slots=True)
class Choice:
    """One alternative: its stored value, its label, and a sentence of help under it (or none)."""

    value: str
    label: str
    help: str = ""


YES_NO = (Choice("yes", "Ja"), Choice("no", "Nej"))

#: kind → (input type, inputmode, autocomplete, width class)
_INPUTS: dict[str, tuple[str, str, str, str]] = {
    "number": ("text", "numeric", "", "short"),
    "amount": ("text", "decimal", "", "medium"),
    "date": ("date", "", "", "medium"),
    "month": ("month", "", "", "medium"),
    "email": ("email", "email", "email", ""),
    "phone": ("tel", "tel", "tel", "medium"),
    "personal_number": ("text", "numeric", "", "medium"),
    "postcode": ("text", "numeric", "postal-code", "short"),
    "clearing": ("text", "numeric", "", "short"),
    "account": ("text", "numeric", "", "medium"),
    "file": ("file", "", "", ""),
    "search": ("search", "search", "", ""),
    "password": ("password", "", "current-password", ""),
    "hidden": ("hidden", "", "", ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """A field as the page shows it.

    ``name`` is the name it is sent with, ``label`` the question above it, ``help`` a sentence under the
    label. What is not ``required`` says "(frivilligt)". ``errors`` are sentences that say what to do.
    ``value`` is what the person typed (kept as it was), for checkboxes a list. ``known_from`` says where
    a value that is already known came from ("Folkbokföringen", "Din ansökan i oktober"). ``suffix``
    stands after the input (an amount gets "kr" by itself). ``attrs`` are further attributes (hx-…, data-…).
    """

    name: str
    label: str
    kind: Kind = "text"
    help: str = ""
    value: Any = ""
    required: bool = True
    errors: Sequence[str] = ()
    choices: Sequence[Choice] = ()
    id: str = ""
    suffix: str = ""
    autocomplete: str = ""
    maxlength: int | None = None
    minimum: str = ""
    maximum: str = ""
    rows: int = 4
    accept: str = ""
    multiple: bool = False
    readonly: bool = False
    known_from: str = ""
    placeholder: str = ""
    attrs: dict[str, str] = field(default_factory=dict)

    @property
    def html_id(self) -> str:
        """The element's id; the error summary links to it."""
        return self.id or f"id_{self.name}"

    @property
    def input_type(self) -> str:
        """The type attribute of the input."""
        return _INPUTS.get(self.kind, ("text", "", "", ""))[0]

    @property
    def inputmode(self) -> str:
        """Which keyboard a telephone shows, or empty."""
        return _INPUTS.get(self.kind, ("text", "", "", ""))[1]

    @property
    def autocomplete_token(self) -> str:
        """What the browser may fill in, or empty."""
        return self.autocomplete or _INPUTS.get(self.kind, ("text", "", "", ""))[2]

    @property
    def width(self) -> str:
        """A hint of the length that is expected: short, medium or empty (full)."""
        return _INPUTS.get(self.kind, ("text", "", "", ""))[3]

    @property
    def unit(self) -> str:
        """What stands after the input: the suffix, or "kr" for an amount."""
        return self.suffix or ("kr" if self.kind == "amount" else "")

    @property
    def grouped(self) -> bool:
        """True for fields of several inputs, which need a fieldset with a legend."""
        return self.kind in {"yes_no", "radio", "checkboxes"}

    @property
    def alternatives(self) -> Sequence[Choice]:
        """The choices; Ja and Nej where it is a question of yes or no without its own."""
        return self.choices or (YES_NO if self.kind == "yes_no" else ())

    @property
    def selected(self) -> tuple[str, ...]:
        """The chosen values as text. True and False mean yes and no."""
        if self.value is None or self.value == "":
            return ()
        if isinstance(self.value, bool):
            return ("yes" if self.value else "no",)
        if isinstance(self.value, (list, tuple, set, frozenset)):
            return tuple(str(value) for value in self.value)
        return (str(self.value),)

    @property
    def checked(self) -> bool:
        """Whether a single checkbox is ticked."""
        return self.value in (True, "yes", "on", "true", "True", "1")

    @property
    def described_by(self) -> str:
        """Ids of help, source and error, for aria-describedby; empty if there is none of them."""
        parts = [
            f"{self.html_id}-help" if self.help else "",
            f"{self.html_id}-source" if self.known_from else "",
            f"{self.html_id}-error" if self.errors else "",
        ]
        return " ".join(part for part in parts if part)

    @property
    def first_input_id(self) -> str:
        """Where the error summary's link leads: the input, or the first of a group."""
        return f"{self.html_id}_0" if self.grouped and self.alternatives else self.html_id


def from_bound(bound: BoundField) -> FieldView:
    """Return how a Django form's field is shown; unknown widgets become text inputs."""
    widget = bound.field.widget
    choices = tuple(
        Choice(str(value), str(label))
        for value, label in getattr(widget, "choices", ())
        if not isinstance(label, (list, tuple))
    )
    return FieldView(
        name=bound.html_name,
        label=str(bound.label),
        kind=_kind_of(bound),
        help=str(bound.help_text or ""),
        value=bound.value() if bound.value() is not None else "",
        required=bound.field.required,
        errors=tuple(str(error) for error in bound.errors),
        choices=choices,
        id=bound.id_for_label.removesuffix("_0") or f"id_{bound.html_name}",
        maxlength=getattr(bound.field, "max_length", None),
        multiple=bool(getattr(widget, "allow_multiple_selected", False)),
    )


def _kind_of(bound: BoundField) -> Kind:
    """The first kind whose widget or field class fits; order matters, subclasses come first."""
    widgets: tuple[tuple[type[forms.Widget], Kind], ...] = (
        (forms.HiddenInput, "hidden"),
        (forms.CheckboxSelectMultiple, "checkboxes"),
        (forms.RadioSelect, "radio"),
        (forms.Select, "select"),
        (forms.CheckboxInput, "checkbox"),
        (forms.Textarea, "long_text"),
        (forms.PasswordInput, "password"),
        (forms.FileInput, "file"),
        (forms.EmailInput, "email"),
        (forms.DateInput, "date"),
    )
    for widget, kind in widgets:
        if isinstance(bound.field.widget, widget):
            return kind
    if isinstance(bound.field, forms.DecimalField):
        return "amount"
    if isinstance(bound.field, forms.IntegerField):
        return "number"
    return "text"
