"""Faults of operations, each with one Swedish sentence that says what to do."""

from __future__ import annotations

import sys

from sambruk.common.errors import SambrukError


class OperationError(SambrukError):
    """Something that the person at the terminal can put right; shown without a traceback."""

    code = "operation"


class DataFolderError(OperationError):
    """The data folder cannot be used: in use, damaged, of another kind, or somebody else's.

    ``code`` tells which: ``in_use``, ``damaged``, ``foreign_owner``, ``not_ours``, ``not_writable`` or
    ``no_space``.
    """

    code = "data_folder"


#: What the server answers that refuses a connection or ends it (PostgreSQL, appendix A): connection
#: exceptions, log-in, no such database, shutting down or starting.
_AWAY = ("08", "28", "3D", "57P")


def is_database_away(error: BaseException) -> bool:
    """Say whether Django's database error means that no connection could be had, or that it was lost.

    Asked of any error; imports no database library: where none is loaded, none can have failed.
    """
    database = sys.modules.get("django.db")
    if database is None or not isinstance(error, database.OperationalError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(_AWAY)


class DatabaseError(OperationError):
    """The embedded database could not be started or stopped, for a reason that is not its folder."""

    code = "embedded_database"
