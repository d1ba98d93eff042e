"""Commands that live elsewhere: found without importing them, imported when called."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command as built

if TYPE_CHECKING:
    from typer import _click as click  # typer carries click inside, and names its types in no public place


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A command or group of commands at ``module:attribute``, with the line that ``--help`` shows."""

    path: str
    help: str

    @property
    def installed(self) -> bool:
        """Say whether its module is there."""
        module = self.path.partition(":")[0]
        try:
            return find_spec(module) is not None
        except ModuleNotFoundError:
            return False


_OURS = {
    "municipality": Elsewhere("sambruk.operations.municipalities:app", "Lägg till kommuner, ta dem i bruk."),
    "service": Elsewhere("sambruk.operations.services:app", "Granska, publicera och erbjud e-tjänster."),
    "bench": Elsewhere("sambruk.operations.bench:app", "Mät hur snabbt det går."),
}


class SambrukGroup(TyperGroup):
    """The commands of `sambruk`: those of cli.py, those of _OURS, and each system's own.

    A system never takes the name of another command: the first one found keeps it.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, our own first."""
        names = super().list_commands(ctx)
        return names + [name for name in self._elsewhere() if name not in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None where there is none of that name."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        found = self._elsewhere().get(cmd_name)
        return None if found is None else _load(cmd_name, found)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help with one line for each command elsewhere, none of which is imported for it."""
        for name, found in self._elsewhere().items():
            self.commands.setdefault(name, TyperCommand(name, help=found.help))
        super().format_help(ctx, formatter)

    @staticmethod
    def _elsewhere() -> dict[str, Elsewhere]:
        from sambruk.config.systems import find_systems

        found = {name: place for name, place in _OURS.items() if place.installed}
        for system in find_systems().systems:
            for name, path in system.commands.items():
                found.setdefault(name, Elsewhere(path, f"{system.label}. Se sambruk {name} --help."))
        return found


def _load(name: str, place: Elsewhere) -> click.Command:
    from sambruk.common.system import load_attribute

    loaded: Any = load_attribute(place.path)
    if not isinstance(loaded, typer.Typer):
        wrapped = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
        wrapped.command(name=name)(loaded)
        loaded = wrapped
    command = built(loaded)
    command.name = name
    return command
