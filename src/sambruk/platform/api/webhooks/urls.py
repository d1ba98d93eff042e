"""The addresses of the administrator's pages of subscriptions."""

from django.urls import path

from sambruk.platform.api.webhooks import views

ROOT = "admin-kommun/prenumerationer/"

urlpatterns = [
    path(ROOT, views.subscription_list, name="subscription_list"),
    path(f"{ROOT}ny/", views.subscription_add, name="subscription_add"),
    path(f"{ROOT}<uuid:subscription_id>/", views.subscription_detail, name="subscription_detail"),
    path(f"{ROOT}<uuid:subscription_id>/paus/", views.subscription_pause, name="subscription_pause"),
    path(f"{ROOT}<uuid:subscription_id>/avsluta/", views.subscription_end, name="subscription_end"),
    path(
        f"{ROOT}<uuid:subscription_id>/<uuid:event_id>/skicka/", views.event_retry, name="subscription_retry"
    ),
]
