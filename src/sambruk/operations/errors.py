"""Faults of operations, each with one Swedish sentence that says what to do."""

from __future__ import annotations

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


class DatabaseError(OperationError):
    """The embedded database could not be started or stopped, for a reason that is not its folder."""

    code = "embedded_database"
