"""The errors that the platform raises, each with a sentence in Swedish that a person can act on."""

from __future__ import annotations

from collections.abc import Mapping


class SambrukError(Exception):
    """Base of every expected fault.

    ``message_sv`` is a whole sentence in plain Swedish that may be shown to the person concerned: it holds
    no personal number and no technical detail. ``code`` is a stable word in snake_case for the API's
    problem type, the log and tests.
    """

    code = "error"

    def __init__(self, message_sv: str, code: str | None = None) -> None:
        super().__init__(message_sv)
        self.message_sv = message_sv
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return self.message_sv


class NotAllowed(SambrukError):  # noqa: N818 - reads as what happened: "raise NotAllowed"
    """The actor may not do this. In HTTP: 403."""

    code = "not_allowed"

    def __init__(self, message_sv: str = "Du har inte behörighet att göra det här.", code: str | None = None):
        super().__init__(message_sv, code)


class Invalid(SambrukError):  # noqa: N818
    """What was given cannot be accepted. In HTTP: 422.

    ``field_errors`` maps a field's address to its sentence; empty where the fault is not in one field.
    Accepts a sentence, the field errors, or both; without a sentence the first field error is used.
    """

    code = "invalid"

    def __init__(
        self,
        message_sv: str | Mapping[str, str] = "",
        field_errors: Mapping[str, str] | None = None,
        code: str | None = None,
    ):
        if not isinstance(message_sv, str):
            field_errors, message_sv = message_sv, ""
        self.field_errors: dict[str, str] = dict(field_errors or {})
        if not message_sv:
            message_sv = next(iter(self.field_errors.values()), "Något i uppgifterna behöver rättas.")
        super().__init__(message_sv, code)


class Conflict(SambrukError):  # noqa: N818
    """Somebody else changed it first, or its state no longer allows this. In HTTP: 409."""

    code = "conflict"

    def __init__(
        self,
        message_sv: str = "Någon annan har ändrat samtidigt. Läs om sidan och försök igen.",
        code: str | None = None,
    ):
        super().__init__(message_sv, code)


class NotFound(SambrukError):  # noqa: N818
    """It does not exist, or the actor may not know that it does. In HTTP: 404."""

    code = "not_found"

    def __init__(self, message_sv: str = "Det du söker finns inte.", code: str | None = None):
        super().__init__(message_sv, code)


class Unavailable(SambrukError):  # noqa: N818
    """Something that is needed does not answer. In HTTP: 503.

    ``permanent`` is true when trying again cannot help until a person has changed something (a missing
    key, a full disk that nobody empties, a refused certificate); jobs then stop retrying and show it.
    """

    code = "unavailable"

    def __init__(
        self,
        message_sv: str = "Tjänsten svarar inte just nu. Försök igen om en stund.",
        code: str | None = None,
        *,
        permanent: bool = False,
    ):
        super().__init__(message_sv, code)
        self.permanent = permanent
