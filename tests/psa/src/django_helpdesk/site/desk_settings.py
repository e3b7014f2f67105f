"""The site as its documentation sets it up, with everything that changes in the folder HELPDESK_DATA."""

import os
from pathlib import Path

DATA = Path(os.environ["HELPDESK_DATA"])

SECRET_KEY = "of a desk that lives as long as a test"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "desk_urls"
SITE_ID = 1
LANGUAGE_CODE = "en"
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sites",
    "django.contrib.humanize",
    "rest_framework",
    "helpdesk",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "desk.sqlite3",
        # Several presses at once wait for each other's writes.
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
    }
}
# Rounds of the real hash take half a second of computing with every request; nothing is proven by them here.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
STATIC_URL = "/static/"
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA / "media"
LOGIN_URL = "/login/"
# Mail becomes files, so that a test can read to whom what was sent.
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DATA / "mail"
DEFAULT_FROM_EMAIL = "desk@msp.example"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.BasicAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ]
}
HELPDESK_ACTIVATE_API_ENDPOINT = True
HELPDESK_TEAMS_MODE_ENABLED = False
# As an MSP sets it that wants reports as pages: the stock list has neither .html nor .json.
if os.environ.get("HELPDESK_EXTENSIONS"):
    HELPDESK_VALID_EXTENSIONS = os.environ["HELPDESK_EXTENSIONS"].split()
# What our guide asks to leave off; a test switches it on and sees it noticed.
HELPDESK_NOTIFY_SUBMITTER_FOR_ALL_TICKET_CHANGES = bool(os.environ.get("HELPDESK_MAIL_EVERYTHING"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "ERROR"},
}
