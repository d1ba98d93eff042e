"""What the components take: small values that a view builds and a tag draws.

Every tag accepts these or plain dictionaries with the same keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

StepState = Literal["done", "current", "todo"]
ColumnKind = Literal["text", "number", "amount", "date", "time", "due", "link", "mark", "tag", "long"]
Source = Literal["official", "third_party", "estimate", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a form; ``url`` only where one may go back to it."""

    title: str
    url: str = ""
    state: StepState = "todo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A station on a case's line; ``detail`` is a date or a few words under it."""

    label: str
    state: StepState = "todo"
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCard:
    """A file that was sent: ``size`` in bytes, ``scan`` "clean", "pending", "none" or "infected"."""

    name: str
    size: int
    url: str = ""
    remove_url: str = ""
    kind: str = ""
    scan: str = "clean"
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A filter: reads like a part of a sentence ("mina ärenden"); ``url`` switches it.

    ``count`` is a number, or "200+" where there are more than are counted.
    """

    label: str
    url: str
    selected: bool = False
    count: int | str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table; numbers, amounts stand to the right, a long text goes over several lines.

    ``sort_url`` makes the heading a link.
    """

    key: str
    label: str
    kind: ColumnKind = "text"
    sort_url: str = ""
    sorted: Literal["", "ascending", "descending"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row: cells by column key. ``url`` opens it; ``attention`` marks what needs a person."""

    cells: Mapping[str, Any]
    url: str = ""
    id: str = ""
    attention: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with a caption that is a sentence. ``list_keys`` turns on j/k, Enter and x."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    list_keys: bool = False
    markable: bool = False
    caption_hidden: bool = False
    footer: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term and its value in a definition list; ``source`` says where the value came from."""

    label: str
    value: Any
    source: str = ""
    change_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A tab: an address of its own, so that it keeps its place."""

    id: str
    label: str
    url: str
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """An entry of a timeline: when, what, and who."""

    at: datetime
    text: str
    by: str = ""
    kind: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalculationRow:
    """A row of a calculation, in kronor.

    ``explanation`` says how it was reached, ``source`` which law or table, ``mark`` whether the figure
    is official, a third party's or an estimate, ``source_url`` leads there. ``input_name`` makes the
    amount workable. ``compare`` is last month's amount, ``kind`` a heading, a row, a sum or the total.
    """

    label: str
    amount: Decimal | None = None
    explanation: str = ""
    source: str = ""
    source_url: str = ""
    mark: Source = ""
    compare: Decimal | None = None
    input_name: str = ""
    error: str = ""
    kind: Literal["row", "heading", "sum", "total"] = "row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command that can be done now: a link (``url``) or, with ``post``, a button that sends.

    ``key`` is its letter. ``warning`` says what will happen, for what cannot be taken back.
    """

    id: str
    label: str
    url: str
    key: str = ""
    post: bool = False
    primary: bool = False
    warning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A party that signs: ``signed_at`` None as long as it has not."""

    name: str
    role: str = ""
    signed_at: datetime | None = None
    is_self: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """Something that the resident has to do, with its date."""

    title: str
    url: str
    text: str = ""
    due: date | None = None
    action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What the person stated beside what a source says; a difference is marked, never hidden."""

    label: str
    stated: Any
    known: Any
    source: str = ""
    differs: bool | None = None

    @property
    def is_different(self) -> bool:
        """Whether the two are marked as different."""
        return self.stated != self.known if self.differs is None else self.differs


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of something that arrives in parts: here, on its way, or failed (and how to try again)."""

    label: str
    state: Literal["here", "coming", "failed"]
    text: str = ""
    retry_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessPicture:
    """A process and where the case stands in it: ids of BPMN elements.

    ``title`` is a sentence; ``steps`` is the same as a list of words, shown under the picture.
    """

    url: str
    title: str
    current: Sequence[str] = ()
    completed: Sequence[str] = ()
    steps: Sequence[Step] = field(default_factory=tuple)
    large_url: str = ""
