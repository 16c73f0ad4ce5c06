"""Icons and the small coloured marks: one place decides what green means."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from backups.models import Archive, Copy
from backups.queries import proof_age
from backups.services.wording import sentence_for
from backups.storage_queries import read_age
from backups.templatetags.measures import ago

register = template.Library()

AGES = {
    "fresh": ("safe", "shield-check", gettext_lazy("Proven %(when)s")),
    "amber": ("wait", "shield-check", gettext_lazy("Proof getting old: %(when)s")),
    "red": ("harm", "alert-triangle", gettext_lazy("Proof too old: %(when)s")),
}

STATES = {
    "whole": ("safe", "circle-check", gettext_lazy("Whole")),
    "damaged": ("harm", "alert-triangle", gettext_lazy("Damaged")),
    "missing": ("harm", "circle-x", gettext_lazy("Missing")),
    "pending": ("calm", "hourglass", gettext_lazy("On its way")),
    "failed": ("wait", "alert-triangle", gettext_lazy("Not copied yet")),
}

# Of a copy, by how long ago each byte of it was read and compared.
READ = {
    "amber": ("wait", "zoom-check"),
    "red": ("harm", "alert-triangle"),
}
NEVER_READ = gettext_lazy("Not yet; there since %(when)s")
UNREAD = gettext_lazy("Could not be read %(when)s")

ORIGINS = {
    "manual": gettext_lazy("Manual"),
    "schedule": gettext_lazy("By schedule"),
    "command": gettext_lazy("From the command line"),
    "safety": gettext_lazy("Safety backup before a restore"),
    "adopted": gettext_lazy("Taken over from elsewhere"),
}

# The names that storages have in the settings; others are the operator's own.
STORAGES = {"local": gettext_lazy("Local disk")}

CONTENTS = {"database": gettext_lazy("Database"), "files": gettext_lazy("Files")}


@register.simple_tag
def icon(name: str) -> SafeString:
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("icons.svg"), name
    )


@register.simple_tag
def mark(tone: str, picture: str, words: str) -> SafeString:
    return format_html('<span class="mark tone-{}">{}{}</span>', tone, icon(picture), words)


@register.simple_tag
def state_mark(state: str) -> SafeString:
    tone, picture, words = STATES[state]
    return mark(tone, picture, str(words))


@register.simple_tag
def read_mark(copy: Copy) -> SafeString:
    """How long ago a copy was read whole; what is fresh says so quietly."""
    told = ago(copy.read_at) if copy.read_at else str(NEVER_READ) % {"when": ago(copy.arrived_at)}
    if copy.unread_at and copy.is_whole:
        unread = mark("wait", "alert-triangle", str(UNREAD) % {"when": ago(copy.unread_at)})
        why = sentence_for(copy.unread_code, copy.unread_params)
        return format_html("{}<small>{}</small><small>{}</small>", unread, why, told)
    age = read_age(copy.known_since)
    if age == "fresh" or not copy.is_whole:
        return format_html("{}", told)
    return mark(*READ[age], told)


@register.simple_tag(takes_context=True)
def proof_mark(context: Context, archive: Archive) -> SafeString:
    """`drilling` in the context: which archives are being tried out at this moment."""
    if archive.pk in (context.get("drilling") or ()):
        return mark("calm", "hourglass", gettext("Being tried out"))
    proof = archive.latest_proof
    if proof is None:
        return mark("none", "circle-dashed", gettext("Not proven yet"))
    if not proof.proven:
        return mark("wait", "alert-triangle", gettext("Problem found"))
    return age_mark(proof.made_at)


@register.simple_tag
def age_mark(made_at: datetime) -> SafeString:
    """Green while a proof is fresh, amber when it is old, red when it is very old."""
    tone, picture, words = AGES[proof_age(made_at)]
    return mark(tone, picture, str(words) % {"when": ago(made_at)})


@register.simple_tag(takes_context=True)
def fitness_mark(context: Context, archive: Archive) -> SafeString:
    """The one mark of a list: a damaged archive's old proof says nothing any more."""
    return proof_mark(context, archive) if archive.is_whole else state_mark(archive.state)


@register.filter
def grown_old(made_at: datetime) -> bool:
    return proof_age(made_at) != "fresh"


@register.filter
def origin(archive: Archive) -> str:
    return str(ORIGINS.get(archive.purpose, archive.purpose))


@register.filter
def coverage(content: tuple[str, ...] | list[str]) -> str:
    return ", ".join(str(CONTENTS.get(part, part)) for part in content)


@register.filter
def problem(archive: Archive) -> str:
    return sentence_for(archive.problem_code, archive.problem_params)


@register.filter
def breakable(name: str) -> SafeString:
    """A long name of a program may break where its words do, and nowhere else."""
    return format_html_join(SafeString("_<wbr>"), "{}", ((part,) for part in name.split("_")))


@register.filter
def storage_words(name: str) -> str:
    return str(STORAGES.get(name, name))
