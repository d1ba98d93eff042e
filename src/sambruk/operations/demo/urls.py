"""Addresses of the demo, under /demo/."""

from django.urls import path

from sambruk.operations.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.start, name="start"),
    path("post/", views.mailbox, name="mailbox"),
]
