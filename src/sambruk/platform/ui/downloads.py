"""A file that a page makes for somebody to keep."""

from __future__ import annotations

from django.http import HttpResponse


def attachment(content: bytes, content_type: str, name: str) -> HttpResponse:
    """Return the content as a file to be saved. ``name`` is a fixed name of ours, in ASCII."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
