"""The addresses of mandates, in the names of cases."""

from django.urls import path

from sambruk.platform.cases.mandates import views_resident, views_staff

urlpatterns = [
    path("handlaggning/uppdrag/", views_staff.find, name="mandate_find"),
    path("handlaggning/uppdrag/<uuid:person_id>/", views_staff.of_person, name="mandates_of"),
    path(
        "handlaggning/uppdrag/<uuid:person_id>/<uuid:mandate_id>/avsluta/",
        views_staff.end,
        name="mandate_end",
    ),
    path("mina-sidor/ombud/", views_resident.mine, name="my_mandates"),
    path("mina-sidor/ombud/<uuid:mandate_id>/avsluta/", views_resident.end, name="my_mandate_end"),
]
