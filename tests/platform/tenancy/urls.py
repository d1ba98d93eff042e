"""Addresses of the middleware's tests: what a view may do to a transaction."""

from __future__ import annotations

from django.db import IntegrityError, OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.urls import include, path

from sambruk.platform.tenancy.context import current_principal
from sambruk.platform.tenancy.models import Authority


def who(request: HttpRequest) -> HttpResponse:
    return HttpResponse(current_principal().name)


def lazy(request: HttpRequest) -> TemplateResponse:
    template = engines["django"].from_string("{% for each in authorities %}{{ each.name }};{% endfor %}")
    return TemplateResponse(request, template, {"authorities": Authority.objects.all()})  # type: ignore[arg-type]


def write(request: HttpRequest, then: str) -> HttpResponse:
    Authority.objects.create(name="Ny nämnd")
    if then == "404":
        raise Http404
    if then == "error":
        raise ValueError("a fault")
    if then == "broken":
        Authority.objects.create(name="Ny nämnd")  # breaks the unique constraint, and so the transaction
    if then == "handled":
        try:
            with transaction.atomic():
                Authority.objects.create(name="Ny nämnd")
        except IntegrityError:
            return HttpResponse("handled")
    if then == "away":
        raise OperationalError("server closed the connection unexpectedly")
    return HttpResponse(status=int(then))


def told(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Error pages may read the tenant's data (its name, its navigation)."""
    return HttpResponse(f"{Authority.objects.count()} nämnder", status=404)


def told_500(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{Authority.objects.count()} nämnder", status=500)


urlpatterns = [
    path("", include("sambruk.platform.tenancy.urls")),
    path("vem/", who),
    path("lat/", lazy),
    path("skriv/<str:then>/", write),
    path("demo/", lambda request: HttpResponse("demo")),
]
handler404 = told
handler500 = told_500
