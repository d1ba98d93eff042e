"""What is done with a draft: begun, saved, given files, frozen for signing, signed, removed."""

from sambruk.platform.forms.actions.begin import begin
from sambruk.platform.forms.actions.files import add_file, remove_file
from sambruk.platform.forms.actions.freezing import freeze, unfreeze
from sambruk.platform.forms.actions.removing import delete
from sambruk.platform.forms.actions.saving import Saved, add_row, autosave, remove_row, save_step
from sambruk.platform.forms.actions.signing import remind, sign

__all__ = [
    "Saved",
    "add_file",
    "add_row",
    "autosave",
    "begin",
    "delete",
    "freeze",
    "remind",
    "remove_file",
    "remove_row",
    "save_step",
    "sign",
    "unfreeze",
]
