"""Settings: everything comes from the environment (docs/operations.md lists it)."""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from psycopg.conninfo import conninfo_to_dict

from project.lib import datadir, env, logs

BASE_DIR = datadir.BASE_DIR
FLINT_DATA_DIR = datadir.data_dir()

DEBUG = env.flag("DEBUG", default=False)
# `up` makes a key of its own and passes it to its children; DEBUG and one-off commands
# without one get a key that is good for this process only.
SECRET_KEY = env.secret("SECRET_KEY") or datadir.secret_key(FLINT_DATA_DIR)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
APPEND_SLASH = False

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",  # project.urls looks for admin modules
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "ninja",  # brings the files of the API's documentation page
    "project",
    "accounts_app",
    "events_app",
    "runs_app",
    "triggers_app",
    "demo",
]
MIDDLEWARE = [
    "project.lib.private_answers.PrivateAnswers",
    "project.lib.api_paths.ApiPaths",
    "django.middleware.security.SecurityMiddleware",
    "project.lib.static_answers.WholeStaticFiles",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "project.lib.outages.OutagePages",
]
ROOT_URLCONF = "project.urls"
# Lists of events say what became of each; events know no automations.
EVENT_OUTCOMES = "triggers_app.services.row_outcomes.outcomes_of"
EVENT_FIRINGS = "triggers_app.services.row_outcomes.fired_between"
ASGI_APPLICATION = "project.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "project.lib.jinja.environment"},
    },
    {
        # The admin's own templates; nothing of ours.
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

DATABASE_URL = env.secret("DATABASE_URL") or datadir.database_url(FLINT_DATA_DIR)
REDIS_URL = datadir.log_url()


def _database(url: str) -> dict[str, Any]:
    parts = conninfo_to_dict(url)
    known = {name: str(parts.pop(name, "") or "") for name in ("dbname", "user", "password")}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": known["dbname"],
        "USER": known["user"],
        "PASSWORD": known["password"],
        "HOST": str(parts.pop("host", "") or ""),
        "PORT": str(parts.pop("port", "") or ""),
        "CONN_MAX_AGE": 0,  # the pool keeps connections; under ASGI requests have own threads
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **parts,
            "connect_timeout": 5,
            "pool": {
                "min_size": 1,
                "max_size": 12,
                "timeout": 10,
                "max_idle": 120,
                # Then whoever asks tries anew; the pool's own pauses grow to minutes.
                "reconnect_timeout": 2,
            },
        },
    }


DATABASES = {"default": _database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

PASSWORD_HASHERS = ["project.lib.hashing.GatedHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "project.refusals.csrf_failed"
# Over plain HTTP on loopback the cookies could not be marked; behind TLS they must be.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.flag(
    "SECURE_COOKIES", default=any(o.startswith("https://") for o in CSRF_TRUSTED_ORIGINS)
)
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024  # bytes of a request's body
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # the builder posts every field of a trigger's 1,000 parts

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = FLINT_DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "project.lib.stylesheet.StylesheetFinder",
    "project.lib.editor_files.EditorFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "img-src": [SELF, "data:"],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# Celery's messages are wake-ups and hold no truth: where Flint has servers of its own they go to
# a second one, which writes nothing to disk.
BROKER_REDIS_URL = (
    env.secret("CELERY_BROKER_URL") or env.secret("REDIS_URL") or datadir.broker_url(FLINT_DATA_DIR)
).replace("redis+socket://", "unix://", 1)
CELERY_BROKER_URL = BROKER_REDIS_URL.replace("unix://", "redis+socket://", 1)
FLINT_CELERY_MODULE = "project.celery"  # the module; imported where a message is sent
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "actions"
CELERY_TASK_ROUTES = {
    "events.record": {"queue": "record"},
    "triggers.evaluate": {"queue": "evaluate"},
    "runs.execute": {"queue": "runs"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Only tasks that acknowledge late are meant, and there are none; unset, it warns each time.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
# Leases send themselves on, and a worker sends them to itself when it has connected (see
# project.celery); these are for what was lost all the same. A lease that is running makes its
# copy expire unread. What is due every second is found by one look
# (triggers_app.services.looking).
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    name: {
        "task": task,
        "schedule": seconds,
        "options": {"queue": queue, "expires": min(seconds / 2, 60.0)},
    }
    for name, task, queue, seconds in (
        ("record", "events.record", "record", 10.0),
        ("evaluate", "triggers.evaluate", "evaluate", 10.0),
        ("dispatch", "triggers.dispatch", "actions", 10.0),
        ("relay", "events.relay", "actions", 10.0),
        ("partitions", "events.keep_partitions", "actions", 600.0),
        ("snapshots", "triggers.snapshot", "actions", 600.0),
        ("old-leases", "runs.forget_leases", "actions", 600.0),
        ("old-drafts", "triggers.forget_drafts", "actions", 600.0),
    )
}

# What is made of events in the transaction that records them (events_app.services.recording).
FLINT_PROJECTIONS = ["runs_app.services.observing.keep_task_runs"]

LOGGING = logs.configuration()

FLINT_RUN_SLOTS = env.integer("FLINT_RUN_SLOTS", 2)
FLINT_FLOW_ROOTS = [Path(root).resolve() for root in env.words("FLINT_FLOW_ROOTS")]
FLINT_FLOW_USER = env.text("FLINT_FLOW_USER") or "flint-flow"
FLINT_MAX_ACTIONS_PER_MINUTE = env.integer("FLINT_MAX_ACTIONS_PER_MINUTE", 30_000)
# What links in messages begin with.
FLINT_PUBLIC_URL = (
    env.text("FLINT_PUBLIC_URL")
    or next(iter(CSRF_TRUSTED_ORIGINS), "")
    or f"http://{env.text('HOST') or '127.0.0.1'}:{env.integer('PORT', 4200)}"
)
FLINT_ALLOW_PRIVATE_WEBHOOKS = env.flag("FLINT_ALLOW_PRIVATE_WEBHOOKS", default=False)
FLINT_EVENTS_WITHOUT_KEY = env.flag("FLINT_EVENTS_WITHOUT_KEY", default=False)
FLINT_EVENT_RETENTION = env.duration("FLINT_EVENT_RETENTION", "30d")
FLINT_VERSION = "0.1.0"
PREFECT_VERSION = "3.9.1"  # the release whose clients and wire format this server answers for
