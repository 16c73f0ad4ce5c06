"""Lines to type, as the pages show them."""

from __future__ import annotations

from django.utils.html import strip_tags

from backups.templatetags.typed import whole_options


def test_an_option_is_not_torn_from_its_hyphens() -> None:
    shown = whole_options("verify 0001 --deep -x")
    assert '<span class="whole">--deep</span> <span class="whole">-x</span>' in shown
    assert strip_tags(shown) == "verify 0001 --deep -x"


def test_what_it_shows_is_only_ever_text() -> None:
    assert "<b>" not in whole_options("--out=<b> <b>")
