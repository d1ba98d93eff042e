"""Addresses of what is generic: theme, logo, the accessibility statement, the gallery of components."""

from django.urls import path, re_path

from sambruk.platform.ui import views

app_name = "ui"

urlpatterns = [
    re_path(r"^tema/(?P<digest>[0-9a-f]{64})\.css$", views.theme_css, name="theme"),
    re_path(r"^vapen/(?P<digest>[0-9a-f]{64})\.svg$", views.logo, name="logo"),
    path("tillganglighet/", views.accessibility, name="accessibility"),
    path("galleri/", views.gallery, name="gallery"),
    path("galleri/<slug:page>/", views.gallery, name="gallery_page"),
]
