"""Addresses of documents."""

from __future__ import annotations

from django.urls import path

from sambruk.platform.documents import views

urlpatterns = [path("dokument/<uuid:document_id>/", views.download, name="document")]
