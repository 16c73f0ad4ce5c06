"""All settings, read from the environment once; `.env.example` explains each variable."""

from __future__ import annotations

import os
import socket
import sys
import tomllib
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from qparkin_backup import (
    content_policy,
    databases,
    folders,
    logs,
    middleware,
    redis,
    revocations,
    second_factor,
    storages,
    work_queue,
)
from qparkin_backup import env as environment

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"
VERSION = str(tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])

ENV_FILE = Path(os.environ.get("QPARKIN_ENV_FILE") or BASE_DIR / ".env").resolve()
# `init` runs before there is a file and a key; what it needs to sign lives no longer than it does.
INITIALISING = sys.argv[1:2] == ["init"]
env = environment.load(ENV_FILE, os.environ, required="QPARKIN_ENV_FILE" in os.environ and not INITIALISING)

SECRET_KEY = env.text("SECRET_KEY", os.urandom(32).hex() if INITIALISING else None)
SECRET_KEY_FALLBACKS = list(env.words("SECRET_KEY_FALLBACKS"))
DEBUG = env.flag("DJANGO_DEBUG", default=False)
ALLOWED_HOSTS = list(env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]"))

# --- the protected system -------------------------------------------------------------------------

LARAVEL_ENV = env.text("QPARKIN_LARAVEL_ENV", "")
_laravel = environment.read_file(Path(LARAVEL_ENV)) if LARAVEL_ENV else {}


def _protected(name: str, default: str, *, laravel: str = "") -> str:
    return env.text(f"QPARKIN_DB_{name}", _laravel.get(f"DB_{laravel or name}") or default)


QPARKIN_DB_HOST = _protected("HOST", "127.0.0.1")
QPARKIN_DB_PORT = environment.whole_number("QPARKIN_DB_PORT", _protected("PORT", "3306"))
QPARKIN_DB_SOCKET = _protected("SOCKET", "")
QPARKIN_DB_DATABASE = _protected("DATABASE", "qparkin")
QPARKIN_DB_USERNAME = _protected("USERNAME", "")
QPARKIN_DB_PASSWORD = _protected("PASSWORD", "")
QPARKIN_DB_TLS_CA = env.text("QPARKIN_DB_TLS_CA", "")
QPARKIN_RESTORE_USERNAME = env.text("QPARKIN_RESTORE_USERNAME", "")
QPARKIN_RESTORE_PASSWORD = env.text("QPARKIN_RESTORE_PASSWORD", "")
# Empty: drills use the protected server.
DRILL_DB_HOST = env.text("DRILL_DB_HOST", "")
DRILL_DB_PORT = environment.whole_number("DRILL_DB_PORT", env.text("DRILL_DB_PORT", "3306"))
DRILL_DB_SOCKET = env.text("DRILL_DB_SOCKET", "")
DRILL_DB_USERNAME = env.text("DRILL_DB_USERNAME", "")
DRILL_DB_PASSWORD = env.text("DRILL_DB_PASSWORD", "")
DRILL_DB_TLS_CA = env.text("DRILL_DB_TLS_CA", "")
QPARKIN_FILES = tuple(dict.fromkeys(env.words("QPARKIN_FILES", separator=":")))
QPARKIN_FILES_SCRATCH = env.text("QPARKIN_FILES_SCRATCH", "")
QPARKIN_LARAVEL_PATH = env.text("QPARKIN_LARAVEL_PATH", "")
QPARKIN_SMOKE_URL = env.text("QPARKIN_SMOKE_URL", "")
DUMP_CONNECTIONS = env.number("DUMP_CONNECTIONS", 2)
QPARKIN_FAST_ROWS = env.flag("QPARKIN_FAST_ROWS", default=True)
DUMP_LOCK_TABLES = env.flag("DUMP_LOCK_TABLES", default=True)
DUMP_RATE_LIMIT = env.limit("DUMP_RATE_LIMIT", 0)
DUMP_MAX_THREADS_RUNNING = env.limit("DUMP_MAX_THREADS_RUNNING", 16)
DUMP_MAX_REPLICA_LAG = env.limit("DUMP_MAX_REPLICA_LAG", 60)
# Less than the hour after which the server ends a session that takes nothing from it.
DUMP_PATIENCE_SECONDS = env.limit("DUMP_PATIENCE_SECONDS", 600, most=3000)

# --- archives and keys ----------------------------------------------------------------------------

BACKUP_LOCAL_ROOT = str(BASE_DIR / env.text("BACKUP_LOCAL_ROOT", str(VAR / "archives")))
BACKUP_STORAGES = storages.configured(env, base=BASE_DIR)
storages.refuse_tangled(BACKUP_STORAGES, local_root=BACKUP_LOCAL_ROOT)
BACKUP_RECIPIENTS = env.words("BACKUP_RECIPIENTS")
BACKUP_IDENTITY_FILE = env.text("BACKUP_IDENTITY_FILE", "")
BACKUP_IDENTITY_PASSPHRASE = env.text("BACKUP_IDENTITY_PASSPHRASE", "")
BACKUP_SIGNING_KEY_FILE = env.text("BACKUP_SIGNING_KEY_FILE", "")
BACKUP_TRUSTED_SIGNERS = env.words("BACKUP_TRUSTED_SIGNERS")
BACKUP_REVOKED_SIGNERS = revocations.parsed("BACKUP_REVOKED_SIGNERS", env.text("BACKUP_REVOKED_SIGNERS", ""))
BACKUP_REVOKED_RECIPIENTS = env.words("BACKUP_REVOKED_RECIPIENTS")
# How long archives are kept is set in the panel; of each content so many stay however old they are.
BACKUP_KEEP_LAST = env.number("BACKUP_KEEP_LAST", 3)
BACKUP_PRUNE_AT_MOST = env.number("BACKUP_PRUNE_AT_MOST", 5)
DRILL_AFTER_BACKUP = env.flag("DRILL_AFTER_BACKUP", default=True)
HEARTBEAT_PRIVATE = env.flag("HEARTBEAT_PRIVATE", default=False)
# A proof older than this is amber, then red.
PROOF_AMBER_DAYS = env.number("PROOF_AMBER_DAYS", 7)
PROOF_RED_DAYS = env.number("PROOF_RED_DAYS", 30)
# Each copy is read whole within so many days; 0: only when somebody asks for it.
VERIFY_DAYS = env.limit("VERIFY_DAYS", 30, most=3650)
UNDO_DAYS = env.number("UNDO_DAYS", 7)

# --- the control database, cache and queue --------------------------------------------------------

CONTROL_DATABASE_URL = env.text("CONTROL_DATABASE_URL", "sqlite:///var/control.sqlite3")
DATABASES = {"default": databases.control_database(CONTROL_DATABASE_URL, base=BASE_DIR)}
databases.refuse_shared_database(
    DATABASES["default"],
    database=QPARKIN_DB_DATABASE,
    host="" if QPARKIN_DB_SOCKET else QPARKIN_DB_HOST,
)
_control_file = DATABASES["default"]["NAME"] if "sqlite" in str(DATABASES["default"]["ENGINE"]) else ""
folders.refuse_tangled(
    QPARKIN_FILES,
    own=[
        *storages.roots(BACKUP_STORAGES, local_root=BACKUP_LOCAL_ROOT),
        *([str(_control_file)] if _control_file else []),
    ],
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

QUEUE_URL = redis.checked_url(env.text("QUEUE_URL", ""))
CACHE_FOLDER = env.text("CACHE_FOLDER", str(VAR / "cache"))
CACHES = {
    "default": redis.cache(QUEUE_URL)
    if QUEUE_URL
    else {"BACKEND": "qparkin_backup.folder_cache.LossTolerantFolder", "LOCATION": CACHE_FOLDER}
}

# Beside the cache: of this host, nobody else's to read, and swept after a day.
UPLOAD_FOLDER = str((BASE_DIR / CACHE_FOLDER).parent / "uploads")
# Where folders of another machine's archive are tried out, which have no place here.
DRILL_FOLDER = str((BASE_DIR / CACHE_FOLDER).parent / "drills")
UPLOAD_MAX_BYTES = 4 * 1024**3
FILE_UPLOAD_HANDLERS = ["backups.views.upload_handler.GuardedUploadHandler"]

JOB_DEADLINE_SECONDS = env.number("JOB_DEADLINE_SECONDS", 12 * 3600)
WORKERS = env.number("WORKERS", 2)
# By what name other hosts know this one, and what its workers may do; none named means every kind.
WORKER_NAME = env.text("WORKER_NAME", socket.gethostname())[:64]
WORKER_JOBS = env.words("WORKER_JOBS")
Q_CLUSTER = work_queue.of(WORKER_NAME, workers=WORKERS, deadline_seconds=JOB_DEADLINE_SECONDS, url=QUEUE_URL)

# --- Django ---------------------------------------------------------------------------------------

INSTALLED_APPS = [
    # Before django_q: our qcluster command adds the clock to theirs.
    "backups",
    "whitenoise.runserver_nostatic",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_q",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]
MIDDLEWARE = middleware.IN_ORDER
ROOT_URLCONF = "qparkin_backup.urls"
WSGI_APPLICATION = "qparkin_backup.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

LANGUAGE_CODE = "id"
LANGUAGES = [("id", _("Indonesian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = environment.time_zone("TIME_ZONE", env.text("TIME_ZONE", "Asia/Jakarta"))
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATICFILES_DIRS = [path for path in [BASE_DIR / "static"] if path.is_dir()]
STATIC_ROOT = env.text("STATIC_ROOT", str(VAR / "static"))
# Collected files are hashed and compressed; before `collectstatic` the panel serves them as they are.
_collected = (Path(STATIC_ROOT) / "staticfiles.json").exists()
WHITENOISE_USE_FINDERS = not _collected
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _collected or "collectstatic" in sys.argv
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- those who watch from outside ------------------------------------------------------------------

# Empty: there is no such address.
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
STATUS_TOKEN = env.text("STATUS_TOKEN", "")
STATUS_BADGE_KEY = env.text("STATUS_BADGE_KEY", "")

# --- telling people --------------------------------------------------------------------------------

# Where the panel is reached; without it notices name no page.
PANEL_URL = env.text("PANEL_URL", "")
SMTP_URL = env.text("SMTP_URL", "")
MAIL_FROM = env.text("MAIL_FROM", "")
# Whom mall admins call, as it is shown to them.
SUPPORT_CONTACT = env.text("SUPPORT_CONTACT", "")
# Tables that hold data of people, where they differ from QParkIn's own.
PERSONAL_DATA_TABLES = env.words("PERSONAL_DATA_TABLES")

# --- people and safety ----------------------------------------------------------------------------

AUTH_USER_MODEL = "backups.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
REQUIRE_MFA = env.flag("REQUIRE_MFA", default=True)
globals().update(second_factor.SETTINGS)
# What harms most needs a second superadmin, who has so long to agree; then the asker has so long to do it.
SECOND_PERSON = env.flag("SECOND_PERSON", default=False)
SECOND_PERSON_HOURS = env.limit("SECOND_PERSON_HOURS", 4, most=72)
SECOND_PERSON_USE_MINUTES = env.limit("SECOND_PERSON_USE_MINUTES", 60, most=1440)
# Mall admins may sign in as in QParkIn, whose database is asked. Superadmins never.
QPARKIN_SIGN_IN = env.flag("QPARKIN_SIGN_IN", default=False)
AUTHENTICATION_BACKENDS = [
    "backups.services.backends.Local",
    *(["backups.services.backends.QParkIn"] if QPARKIN_SIGN_IN else []),
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "backups.password_rules.ContextWords"},
    {"NAME": "backups.password_rules.Breached"},
]
# Off: it asks somebody outside.
BREACHED_PASSWORDS_URL = env.text("BREACHED_PASSWORDS_URL", "")
SESSION_ENGINE = "qparkin_backup.sessions"
SESSION_MAX_HOURS = env.limit("SESSION_MAX_HOURS", 12, most=168) or 168
SESSION_IDLE_MINUTES = env.limit("SESSION_IDLE_MINUTES", 30, most=168 * 60) or SESSION_MAX_HOURS * 60
SESSION_COOKIE_AGE = SESSION_MAX_HOURS * 3600

# The demo on 127.0.0.1 has no certificate; anything else must.
INSECURE_HTTP = env.flag("QPARKIN_INSECURE_HTTP", default=False)
_https = not DEBUG and not INSECURE_HTTP
SECURE_SSL_REDIRECT = _https
# A probe on the same network asks without TLS, and learns no more than that somebody answers.
# Nor is a machine led on that has sent its token in the clear: it is refused (views/outside.py).
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$", r"^api/", r"^badge/"]
# Over TLS: from this very host alone, and never from a page without TLS.
_own = "__Host-" if _https else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_own}sessionid", f"{_own}csrftoken"
LANGUAGE_COOKIE_NAME, THEME_COOKIE_NAME = f"{_own}django_language", f"{_own}theme"
DEVICE_COOKIE_NAME = f"{_own}known_device"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
CSRF_COOKIE_HTTPONLY = True
# No cookie of its own.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_HSTS_PRELOAD = _https
if env.flag("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# How many of them: the address of whoever asks is taken from the right of X-Forwarded-For.
TRUSTED_PROXIES = env.limit("TRUSTED_PROXIES", 0, most=10)
CSRF_TRUSTED_ORIGINS = list(env.words("CSRF_TRUSTED_ORIGINS"))
CSRF_FAILURE_VIEW = "backups.views.errors.csrf_failed"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = content_policy.POLICY

LOG_JSON = env.flag("LOG_JSON", default=False)
LOGGING = logs.configured(as_json=LOG_JSON)
