from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Files by content hash."""

    name = "sambruk.platform.documents"
    label = "documents"
