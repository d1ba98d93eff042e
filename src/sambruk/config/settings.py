"""Django settings: one file, read from the environment.

Every variable is named `SAMBRUK_…` except `DATABASE_URL`; `docs/operations.md` lists them.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from sambruk.config.networks import PRIVATE, networks
from sambruk.config.systems import usable_systems

BASE_DIR = Path(__file__).resolve().parents[3]
PACKAGE_DIR = Path(__file__).resolve().parents[1]


def env(name: str, default: str = "") -> str:
    """Return an environment variable, or what the file `NAME_FILE` holds (for mounted secrets)."""
    if file := os.environ.get(f"{name}_FILE"):
        return Path(file).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default)


def flag(name: str) -> bool:
    """Return whether a variable is switched on."""
    return env(name).lower() in {"1", "true", "yes", "on"}


def database(url: str) -> dict[str, object]:
    """Turn `postgresql://user:password@host:port/name?host=/socket` into Django's settings."""
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "sambruk.platform.tenancy.backend",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": int(env("SAMBRUK_CONN_MAX_AGE", "600")),
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": query,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


#: Demo and test: test personal numbers and the test identity provider are accepted.
TEST_MODE = flag("SAMBRUK_TEST_MODE")
DEMO = flag("SAMBRUK_DEMO")
DEBUG = flag("SAMBRUK_DEBUG")
SECRET_KEY = env("SAMBRUK_SECRET_KEY") or ("only-for-tests-and-tools" if TEST_MODE else "")
FIELD_KEYS = env("SAMBRUK_FIELD_KEYS")

# The principal's host names are checked against the database (tenancy.middleware), which answers
# for every request; Django's own list would have to know 290 municipalities at start.
ALLOWED_HOSTS = ["*"]

DATA_DIR = Path(env("SAMBRUK_DATA") or "/var/lib/sambruk")
SERVICES_DIR = Path(env("SAMBRUK_SERVICES") or BASE_DIR / "services")

SYSTEMS = usable_systems()

INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "django_htmx",
    "procrastinate.contrib.django",
    "sambruk.platform.tenancy",
    "sambruk.platform.audit",
    "sambruk.platform.identity",
    "sambruk.platform.documents",
    "sambruk.platform.definitions",
    "sambruk.platform.exchange",
    "sambruk.platform.cases",
    "sambruk.platform.messaging",
    "sambruk.platform.forms",
    "sambruk.platform.ui",
    "sambruk.platform.api",
    *(app for system in SYSTEMS.systems for app in system.django_apps),
    *(["sambruk.operations.demo"] if DEMO else []),
    "sambruk.config",
]

MIDDLEWARE = [
    "sambruk.config.request_log.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sambruk.platform.ui.csp.SecurityHeadersMiddleware",
    "sambruk.config.personal_pages.PersonalPagesMiddleware",
    "sambruk.config.api_errors.ApiErrorsMiddleware",
    "sambruk.config.body_size.BodySizeMiddleware",
    "sambruk.config.rate_limits.RateLimitMiddleware",
    *(["sambruk.operations.demo.front_door.FrontDoorMiddleware"] if DEMO else []),
    "sambruk.platform.tenancy.middleware.TenantMiddleware",
    "sambruk.platform.identity.middleware.ActorMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "sambruk.platform.ui.errors.ErrorPagesMiddleware",
]
CSRF_FAILURE_VIEW = "sambruk.platform.ui.errors.csrf_failure"

ROOT_URLCONF = "sambruk.config.urls"
WSGI_APPLICATION = "sambruk.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "sambruk.platform.ui.context.chrome",
            ],
            "builtins": ["sambruk.platform.ui.templatetags.ui"],
        },
    }
]

DATABASES = {"default": database(env("DATABASE_URL") or "postgresql://sambruk_app@127.0.0.1/sambruk")}
#: Used by `sambruk migrate` alone; the application's role owns nothing.
OWNER_DATABASE_URL = env("SAMBRUK_OWNER_DATABASE_URL")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "sv"
LANGUAGES = [("sv", "Svenska"), ("en", "English")]
TIME_ZONE = "Europe/Stockholm"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env("SAMBRUK_STATIC_ROOT") or DATA_DIR / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if flag("SAMBRUK_STATIC_MANIFEST")
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not flag("SAMBRUK_STATIC_MANIFEST")

#: Files: a folder, or `s3://bucket/prefix` (credentials from the environment).
DOCUMENT_STORE = env("SAMBRUK_DOCUMENT_STORE") or str(DATA_DIR / "documents")
CLAMD = env("SAMBRUK_CLAMD")  # "unix:/run/clamav/clamd.ctl" or "tcp://host:3310"; empty = no scanning
UPLOAD_MAX_BYTES = int(env("SAMBRUK_UPLOAD_MAX_MB", "15")) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
#: No request is larger: refused before a byte of it is read. A step may carry several files at once.
REQUEST_MAX_BYTES = int(env("SAMBRUK_REQUEST_MAX_MB", "100")) * 1024 * 1024

# Each principal has its own host name, so cookies are host-only and need no domain.
SECURE = not (DEMO or TEST_MODE or DEBUG)
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("SAMBRUK_BEHIND_PROXY") else None
#: Whose `X-Forwarded-For` is believed, for limits by address (config.rate_limits).
TRUSTED_PROXIES = networks(env("SAMBRUK_TRUSTED_PROXIES", PRIVATE if flag("SAMBRUK_BEHIND_PROXY") else ""))
#: How often one may ask, times the limits of config.rate_limits: 1 as they stand, 0 (or "off") no limits.
RATE_LIMITS = 0.0 if env("SAMBRUK_RATE_LIMITS").lower() == "off" else float(env("SAMBRUK_RATE_LIMITS", "1"))
SECURE_REDIRECT_EXEMPT = [r"^halsa/$", r"^redo/$"]
SESSION_IDLE_SECONDS = int(env("SAMBRUK_SESSION_IDLE_SECONDS", "1800"))

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env("SAMBRUK_SMTP_HOST", "127.0.0.1")
EMAIL_PORT = int(env("SAMBRUK_SMTP_PORT", "25"))
EMAIL_HOST_USER = env("SAMBRUK_SMTP_USER")
EMAIL_HOST_PASSWORD = env("SAMBRUK_SMTP_PASSWORD")
EMAIL_USE_TLS = flag("SAMBRUK_SMTP_TLS")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("SAMBRUK_MAIL_FROM", "noreply@sambruk.example")
SMS_URL = env("SAMBRUK_SMS_URL")
SMS_TOKEN = env("SAMBRUK_SMS_TOKEN")

#: A map's pictures, as "https://tiles.example/{z}/{x}/{y}.png"; empty = places are told in words. A
#: principal's own server stands in its settings ("map"). Who owns the map is said in its corner.
TILE_URL = env("SAMBRUK_TILE_URL")
TILE_ATTRIBUTION = env("SAMBRUK_TILE_ATTRIBUTION")

#: Signs the audit's roots; a key that is not in the database (Ed25519 seed, base64).
AUDIT_KEY = env("SAMBRUK_AUDIT_KEY")

PROCRASTINATE_ON_APP_READY = None
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

LOGGING_CONFIG = None  # sambruk.config.logging sets structlog up

SILENCED_SYSTEM_CHECKS: list[str] = []
