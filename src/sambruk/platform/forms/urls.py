"""The resident's way: find, read, fill in, review, sign, receipt; and following a report by its code."""

from django.urls import path

from sambruk.platform.forms.views import begin, files, find, follow, receipt, register, review, sign, step

app_name = "forms"

urlpatterns = [
    path("", find.home, name="start"),
    path("tjanster/", find.services, name="services"),
    path("tjanster/<slug:service_id>/", find.read, name="service"),
    path("tjanster/<slug:service_id>/borja/", begin.begin, name="begin"),
    path("ansokan/<uuid:draft_id>/", step.current, name="draft"),
    path("ansokan/<uuid:draft_id>/granska/", review.review, name="review"),
    path("ansokan/<uuid:draft_id>/signera/", sign.sign, name="sign"),
    path("ansokan/<uuid:draft_id>/oppna/", sign.reopen, name="reopen"),
    path("ansokan/<uuid:draft_id>/paminn/", sign.remind, name="remind"),
    path("ansokan/<uuid:draft_id>/ta-bort/", review.delete, name="delete"),
    path("ansokan/<uuid:draft_id>/fil/<str:address>/", files.upload, name="upload"),
    path("ansokan/<uuid:draft_id>/ta-bort-fil/<uuid:file_id>/", files.remove_file, name="remove_file"),
    path("ansokan/<uuid:draft_id>/<slug:step_id>/spara/", step.autosave, name="autosave"),
    path("ansokan/<uuid:draft_id>/<slug:step_id>/visa/", step.preview, name="preview"),
    path("ansokan/<uuid:draft_id>/<slug:step_id>/", step.step, name="step"),
    path("att-signera/<uuid:draft_id>/", sign.cosign, name="cosign"),
    path("kvitto/<uuid:case_id>/", receipt.receipt, name="receipt"),
    path("folj/", follow.follow, name="follow"),
    path("handlaggning/registrera/", register.register, name="register"),
]
