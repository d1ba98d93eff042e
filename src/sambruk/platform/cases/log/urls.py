"""The addresses of the log, in the names of cases."""

from django.urls import path

from sambruk.platform.cases.log import views_resident, views_staff

urlpatterns = [
    path("granskning/", views_staff.search, name="log_search"),
    path("granskning/<uuid:review_id>/", views_staff.result, name="log_review"),
    path("granskning/<uuid:review_id>/fil/", views_staff.export, name="log_export"),
    path("granskning/<uuid:review_id>/utdrag/", views_staff.extract, name="log_extract"),
    path("mina-sidor/vem-har-last/", views_resident.who_read, name="my_log"),
    path("mina-sidor/vem-har-last/fil/", views_resident.own_extract, name="my_log_extract"),
]
