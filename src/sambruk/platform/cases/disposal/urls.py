"""The addresses of disposal."""

from django.urls import path

from sambruk.platform.cases.disposal import views

urlpatterns = [
    path("handlaggning/gallring/", views.overview, name="disposal"),
    path("handlaggning/gallring/lista/", views.make_list, name="disposal_make"),
    path("handlaggning/gallring/<uuid:run_id>/", views.run_page, name="disposal_run"),
    path("handlaggning/gallring/<uuid:run_id>/bekrafta/", views.confirm, name="disposal_confirm"),
    path("handlaggning/gallring/<uuid:run_id>/dra-tillbaka/", views.withdraw, name="disposal_withdraw"),
]
