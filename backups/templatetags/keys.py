"""Keys in plain words."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext, gettext_lazy

from backups.services.key_overview import Key, Overview
from backups.services.refusals import BackupError
from backups.services.wording import sentence_for

register = template.Library()

TITLES = {
    ("panel", True): gettext_lazy("The panel's key"),
    ("panel", False): gettext_lazy("The panel's key of before"),
    ("recovery", True): gettext_lazy("The recovery key"),
    ("recovery", False): gettext_lazy("A recovery key of before"),
    ("signing", True): gettext_lazy("The signing key"),
    ("signing", False): gettext_lazy("Another signing key that is trusted"),
}
VERDICTS = {
    "safe": (
        "safe",
        "shield-lock",
        gettext_lazy("Backups can be opened, and the recovery key was tried"),
    ),
    "untried": ("wait", "key", gettext_lazy("Nobody has tried the recovery key yet")),
    "long_ago": ("wait", "key", gettext_lazy("The recovery key was tried long ago")),
    "waiting": ("wait", "key", gettext_lazy("The recovery key still lies on this machine")),
    "stale": ("wait", "refresh", gettext_lazy("New keys were made, and this panel does not use them yet")),
    "single": ("wait", "alert-triangle", gettext_lazy("Only one key opens the backups")),
    "unreadable": ("harm", "alert-triangle", gettext_lazy("A key file of this machine cannot be read")),
}
DETAILS = {
    "safe": gettext_lazy("Each new backup is encrypted for all keys below. One of them is enough."),
    "untried": gettext_lazy(
        "If this machine is lost, that key is all there is. Take the kit out once and see that it opens a "
        "backup; it takes two minutes."
    ),
    "long_ago": gettext_lazy(
        "Kits get lost and folders rot. Take the kit out and see that it still opens a backup; two minutes."
    ),
    "waiting": gettext_lazy(
        "A fire or a break-in would take the backups and their key at once. Move it into the recovery kit, "
        "and the kit to a safe place."
    ),
    "stale": gettext_lazy(
        "Restart the web server and the workers. Until then backups go on with the keys of before, which is "
        "no loss: those still open everything."
    ),
    "single": gettext_lazy("If it is lost, every backup is lost with it. Add a recovery key."),
}


@register.filter
def key_title(key: Key) -> str:
    if key.kind == "signing" and not key.public:
        return gettext("A signing key that is not trusted here")
    return str(TITLES[key.kind, key.current])


@register.filter
def in_fours(fingerprint: str) -> str:
    """As one reads it out over the telephone."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))


@register.filter
def keys_verdict(keys: Overview) -> tuple[str, str, str, str]:
    tone, icon, words = VERDICTS[keys.verdict]
    detail = _problem_words(keys.problem) if keys.problem else str(DETAILS[keys.verdict])
    return tone, icon, str(words), detail


def _problem_words(problem: BackupError) -> str:
    return sentence_for(problem.code, dict(problem.params))
