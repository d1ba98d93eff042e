"""The errors of the calculation. Each carries a Swedish sentence (`message_sv`) and a stable `code`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sambruk.common.errors import Invalid

if TYPE_CHECKING:
    from sambruk.common.month import Month


class CalculationError(Invalid):
    """The calculation cannot be made as asked."""

    code = "calculation"


class NoNormTable(CalculationError):  # noqa: N818 - reads as what happened
    """No norm table is loaded for the month applied for; `month` names it."""

    code = "no_norm_table"

    def __init__(self, month: Month, first: Month, last: Month) -> None:
        super().__init__(
            f"Det finns ingen riksnorm inläst för {month.label} ({month}). Tabellerna räcker från "
            f"{first} till {last}. Läs in årets riksnorm innan månaden räknas."
        )
        self.month = month


class MissingFigure(CalculationError):  # noqa: N818
    """A figure that nobody has given is needed. `figure` names it; it is never guessed."""

    code = "missing_figure"

    def __init__(self, figure: str, message_sv: str) -> None:
        super().__init__(message_sv)
        self.figure = figure


class DataFault(CalculationError):  # noqa: N818
    """The data files themselves are wrong: a fault of the installation, named."""

    code = "calculation_data"


class ResultFault(CalculationError):  # noqa: N818
    """A stored result does not hold together: its rows do not give its sums."""

    code = "calculation_result"
