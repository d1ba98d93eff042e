"""The addresses of cases: the staff's, and the resident's in Mina sidor."""

from django.urls import path

from sambruk.platform.cases import views_resident, views_staff
from sambruk.platform.cases.disposal.urls import urlpatterns as disposal_urls
from sambruk.platform.cases.log.urls import urlpatterns as log_urls
from sambruk.platform.cases.mandates.urls import urlpatterns as mandate_urls

app_name = "cases"

urlpatterns = [
    path("handlaggning/", views_staff.inbox, name="inbox"),
    path("handlaggning/palett/", views_staff.palette, name="palette"),
    path("handlaggning/arende/<uuid:case_id>/", views_staff.case_page, name="case"),
    path("handlaggning/arende/<uuid:case_id>/process.bpmn", views_staff.process_drawing, name="process"),
    path("handlaggning/arende/<uuid:case_id>/gor/<str:command>/", views_staff.command, name="command"),
    path(
        "handlaggning/arende/<uuid:case_id>/oppna-skyddad/", views_staff.open_protected, name="open_protected"
    ),
    path("mina-sidor/", views_resident.home, name="my_pages"),
    path("mina-sidor/arenden/<uuid:case_id>/", views_resident.case_page, name="my_case"),
    path(
        "mina-sidor/arenden/<uuid:case_id>/beslut/<uuid:decision_id>/",
        views_resident.decision,
        name="my_decision",
    ),
    path(
        "mina-sidor/arenden/<uuid:case_id>/komplettera/<uuid:task_id>/",
        views_resident.complete,
        name="complete",
    ),
    *disposal_urls,
    *log_urls,
    *mandate_urls,
]
