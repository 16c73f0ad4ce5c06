"""What every request passes on its way in, from the outermost to the innermost."""

IN_ORDER = [
    "backups.views.real_address.RealAddressMiddleware",
    # Before static files are served: they and every error carry all headers.
    "backups.views.safety_headers.SafetyHeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "backups.views.smaller_pages.SmallerPagesMiddleware",
    # Around whatever may send somebody elsewhere.
    "backups.views.in_place.InPlaceMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "backups.views.chosen_language.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "backups.views.on_record.OnRecordMiddleware",
    "backups.views.visits.VisitMiddleware",
    "backups.views.own_ways.OwnWaysMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "backups.views.gate.SecondFactorGate",
    "backups.views.not_allowed.OwnWordsMiddleware",
]
