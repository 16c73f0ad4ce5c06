"""What of django-allauth is used: the steps of a sign-in, and its kinds of second factor."""

from __future__ import annotations

from datetime import timedelta

# Whoever gave the password has so long for the second factor.
HALF_SIGNED_IN = timedelta(minutes=5)

SETTINGS: dict[str, object] = {
    "ACCOUNT_ADAPTER": "backups.services.second_factor.adapters.Account",
    "ACCOUNT_LOGIN_METHODS": {"email"},
    "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*"],
    "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
    "ACCOUNT_EMAIL_VERIFICATION": "none",
    "ACCOUNT_LOGIN_TIMEOUT": int(HALF_SIGNED_IN.total_seconds()),
    # services/sign_in.py counts wrong tries, of every kind.
    "ACCOUNT_RATE_LIMITS": False,
    "MFA_RATE_LIMITS": False,
    "MFA_ADAPTER": "backups.services.second_factor.adapters.Factors",
    "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
    "MFA_TOTP_ISSUER": "QParkIn Backup",
    # A phone's clock may be half a minute off.
    "MFA_TOTP_TOLERANCE": 1,
    # Of codes that were made before they were kept as hashes.
    "MFA_RECOVERY_CODE_DIGITS": 10,
    # A passkey is two factors in one: the device, and a finger, a face or a PIN.
    "MFA_WEBAUTHN_USER_VERIFICATION": "required",
    "MFA_PASSKEY_LOGIN_ENABLED": True,
}
