"""Addresses that work on every host."""

from django.urls import path

from sambruk.platform.tenancy import views

app_name = "tenancy"
urlpatterns = [
    path("halsa/", views.health, name="health"),
    path("redo/", views.readiness, name="readiness"),
]
