"""Addresses of conversations."""

from __future__ import annotations

from django.urls import path

from sambruk.platform.messaging import views

urlpatterns = [
    path("mina-sidor/arenden/<uuid:case_id>/meddelanden/", views.messages, name="messages"),
    path("handlaggning/arenden/<uuid:case_id>/meddelanden/", views.staff_messages, name="staff-messages"),
]
