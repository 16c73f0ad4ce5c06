"""The reasons that refusals put between brackets, for the translators: they are written where they arise."""

from __future__ import annotations

from django.utils.translation import gettext_noop

REASONS = (
    gettext_noop("it was undone already"),
    gettext_noop("it did not replace the live database"),
    gettext_noop("the time for it has passed"),
    gettext_noop("there was another restore after it; undo that one first"),
    gettext_noop("what was there before it is no longer kept"),
    gettext_noop("another process took it"),
    gettext_noop("it was stopped at the keyboard"),
    gettext_noop("it was not heard of for too long"),
    gettext_noop("its worker stopped"),
    gettext_noop("there is no such file"),
    gettext_noop("it is not text"),
    gettext_noop("it holds no identity"),
    gettext_noop("a line is not an age identity"),
    gettext_noop("there is no signing key"),
    gettext_noop("its manifest belongs to another archive"),
    gettext_noop("the seal beside it is another one"),
    gettext_noop("only its seal is left"),
    gettext_noop("its file has another name"),
    gettext_noop("its file has another size"),
    gettext_noop("its seal is too large"),
    gettext_noop("it has none"),
    gettext_noop("it is cut off or not an archive"),
    gettext_noop("its directory"),
    gettext_noop("it is not a signing key"),
    gettext_noop("it is not an Ed25519 key"),
    gettext_noop("it is not a seal"),
    gettext_noop("it was rewritten"),
    gettext_noop("its signature does not match"),
)
