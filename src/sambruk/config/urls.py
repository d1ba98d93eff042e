"""All addresses. Each noun brings its own; a system's are mounted at its slug."""

from __future__ import annotations

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

#: In this order; the empty prefix last. A module that is not there is an error, not a gap.
PLATFORM = (
    ("sambruk.platform.tenancy.urls", ""),
    ("sambruk.platform.identity.urls", ""),
    ("sambruk.platform.ui.urls", ""),
    ("sambruk.platform.documents.urls", ""),
    ("sambruk.platform.exchange.urls", ""),
    ("sambruk.platform.cases.urls", ""),
    ("sambruk.platform.messaging.urls", ""),
    ("sambruk.platform.forms.urls", ""),
    ("sambruk.platform.api.urls", ""),
)

urlpatterns: list[URLPattern | URLResolver] = [
    path(prefix, include(module)) for module, prefix in PLATFORM if find_spec(module)
]
urlpatterns += [
    path(f"{system.slug}/", include(system.urls)) for system in settings.SYSTEMS.systems if system.urls
]
if settings.DEMO:
    urlpatterns.insert(0, path("demo/", include("sambruk.operations.demo.urls")))
handler400 = "sambruk.config.errors.bad_request"
handler403 = "sambruk.platform.ui.errors.forbidden"
handler404 = "sambruk.config.errors.not_found"
handler500 = "sambruk.config.errors.server_error"
