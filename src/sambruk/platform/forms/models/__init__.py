"""What a resident has begun and not yet sent."""

from sambruk.platform.forms.models.draft import Draft, DraftFile, DraftSigner
from sambruk.platform.forms.models.filing import Filing

__all__ = ["Draft", "DraftFile", "DraftSigner", "Filing"]
