"""The WSGI entry that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sambruk.config.settings")

_django = get_wsgi_application()

from sambruk.config.body_first import BodyFirst  # noqa: E402 - reads settings
from sambruk.config.threads import web_threads  # noqa: E402

application = BodyFirst(_django, web_threads())
