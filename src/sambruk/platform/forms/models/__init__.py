"""What a resident has begun and not yet sent."""

from sambruk.platform.forms.models.draft import Draft, DraftFile, DraftSigner

__all__ = ["Draft", "DraftFile", "DraftSigner"]
