"""What no password may be made of here, beside the common ones: written down in docs/security.md."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from backups import mall_queries
from backups.models import User
from backups.services import breached
from backups.services.connections import protected_database

# What everybody here would think of first.
WORDS = (
    "qparkin", "parkir", "parkiran", "parking", "backup", "cadangan", "restore", "pulihkan", "superadmin",
    "admin", "adminmall", "mall", "mobil", "motor", "jakarta", "indonesia", "rahasia", "sandi", "katasandi",
    "password", "database",
)  # fmt: skip
# Shorter ones would be found in any password.
SHORTEST_WORD = 4
# So many letters have to be left when any of those are taken out.
LEFT = 8
# As people disguise letters: 1 is i, and l too.
DISGUISED = str.maketrans("01l34578@$!", "oiieastbasi")


class ContextWords:
    def validate(self, password: str, user: User | None = None) -> None:
        typed = _bare(password)
        found = typed.translate(DISGUISED)
        for word in sorted(_words(user), key=len, reverse=True):
            found = found.replace(word, " " * len(word))
        if found == typed.translate(DISGUISED):
            # Of no word of here: its characters are nobody's business.
            return
        left = [letter for letter, kept in zip(typed, found, strict=True) if kept != " " and letter.isalpha()]
        if len(left) < LEFT:
            raise ValidationError(
                _("That is hardly more than words that everybody here would try first. Add others."),
                code="password_of_here",
            )

    def get_help_text(self) -> str:
        return _("Your password cannot be made of QParkIn's own words, names of malls or your own name.")


class Breached:
    def validate(self, password: str, user: User | None = None) -> None:
        del user
        if breached.is_known(password):
            raise ValidationError(
                _("That password stands in lists of stolen passwords. Choose another one."),
                code="password_breached",
            )

    def get_help_text(self) -> str:
        return _("Your password cannot be one that was stolen somewhere before.")


def _words(user: User | None) -> set[str]:
    told = [*WORDS, *mall_queries.mall_names(protected_database()).values()]
    if user is not None:
        told += [user.name, user.email]
    words = {word for text in told for word in re.split(r"[\W\d_]+", _bare(text))}
    return {word.translate(DISGUISED) for word in words if len(word) >= SHORTEST_WORD}


def _bare(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
