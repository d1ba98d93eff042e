"""Addresses of the operator's pages."""

from __future__ import annotations

from django.urls import path

from sambruk.platform.exchange import views

urlpatterns = [
    path("drift/", views.overview, name="operator"),
    path("drift/forsok-alla/", views.retry_all, name="operator-retry-all"),
    path("drift/<uuid:delivery_id>/", views.delivery, name="operator-delivery"),
    path("drift/<uuid:delivery_id>/forsok/", views.retry, name="operator-retry"),
    path("drift/<uuid:delivery_id>/lagg-undan/", views.set_aside, name="operator-set-aside"),
]
