"""What a step's page draws, in order: questions, groups of rows, files, texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sambruk.platform.forms.maps import TileServer
from sambruk.platform.ui.components import FileCard
from sambruk.platform.ui.fields import FieldView


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a repeating group."""

    id: str
    title: str
    blocks: Sequence[Block]
    place: int
    name: str


@dataclass(frozen=True, kw_only=True)
class Block:
    """One thing on the page. `kind`: field, parts (a composite), files, group, information or computed.

    `refresh` says that others are shown or hidden by its answer, so that the part is drawn anew on a change.
    """

    kind: str
    id: str
    label: str = ""
    help: str = ""
    view: FieldView | None = None
    views: Sequence[FieldView] = ()
    rows: Sequence[Row] = ()
    add_label: str = ""
    full: bool = False
    tone: str = "info"
    text: str = ""
    files: Sequence[FileCard] = ()
    upload_url: str = ""
    upload_accept: str = ""
    multiple: bool = False
    geo: bool = False
    map: TileServer | None = None
    position: tuple[str, str] = ("", "")
    known_from: str = ""
    target: str = ""
    errors: Sequence[str] = ()
    refresh: bool = False
    name: str = ""
    required: bool = False
    clear: bool = False


def element_ids(blocks: Sequence[Block]) -> dict[str, str]:
    """Return, by address, the element that an error's link leads to."""
    found: dict[str, str] = {}
    for block in blocks:
        if block.view is not None:
            found[block.id] = block.view.first_input_id
        elif block.views:
            visible = [view for view in block.views if view.kind != "hidden"]
            # What is missing is a part that must be there: nobody is led to the c/o.
            found[block.id] = next((view for view in visible if view.required), visible[0]).html_id
            found |= {view.name: view.html_id for view in block.views}
        else:
            found[block.id] = f"id_{block.id}"
        for row in block.rows:
            found |= element_ids(row.blocks)
    return found
