"""No words that a reader sees escape translation: makemessages finds what is marked, and this what is not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
CODE = sorted(
    file
    for folder in ("views", "templatetags", "services")
    for file in (ROOT / "backups" / folder).rglob("*.py")
)
FORMS = sorted((ROOT / "backups").glob("*form*.py"))

COMMENT = re.compile(r"{#.*?#}|{%\s*comment\b.*?{%\s*endcomment\s*%}", re.DOTALL)
# Of a block that names a class, and no words.
CLASS = re.compile(
    r"{%\s*block \w+_class\s*%}.*?{%\s*endblock \w+_class\s*%}"
    r"|class=\"(?:{{.*?}}|{%.*?%}|[^\"])*\"",
    re.DOTALL,
)
MARKED = re.compile(r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}", re.DOTALL)
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
# What a filter puts on the page itself, and what a block of blocktranslate gets as a value.
SPOKEN_FILTERS = re.compile(
    r"\|(?:default|default_if_none|yesno|pluralize)\s*:\s*[\"']([^\"']*[A-Za-z][^\"']*)[\"']"
)
ATTRIBUTES = {
    "title", "aria-label", "aria-description", "placeholder", "alt", "label", "data-title", "data-spoken",
}  # fmt: skip
# Nothing that anybody reads as a sentence: what is typed at a machine, drawn, or run.
UNREAD = {"code", "pre", "kbd", "script", "style", "svg"}
WORD = re.compile(r"[A-Za-z]{2,}")
# The same in every language.
NAMES = {"QParkIn Backup", "QParkIn", "Laravel", "AWS", "SHA-256", "English", "Bahasa Indonesia", "EN", "ID"}


class Unmarked(HTMLParser):
    """The words of one template that stand there as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unread += tag in UNREAD
        for name, value in attrs:
            if name in ATTRIBUTES and value:
                self._note(value)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._unread -= tag in UNREAD

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in UNREAD

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self._note(data)

    def _note(self, text: str) -> None:
        parts = re.split(r"[·:]", unescape(text))
        words = [" ".join(part.split()) for part in parts]
        self.found += [one for one in words if WORD.search(one) and one not in NAMES]


def unmarked(source: str) -> list[str]:
    for unread in (COMMENT, CLASS, MARKED):
        source = unread.sub("", source)
    spoken = [unescape(told) for tag in TAG.findall(source) for told in SPOKEN_FILTERS.findall(tag)]
    parser = Unmarked()
    # A quote within a tag would end the attribute that it stands in.
    parser.feed(TAG.sub("", source))
    parser.close()
    return parser.found + [told for told in spoken if WORD.search(told)]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello there</p>", ["Hello there"]),
        ('<p>{% translate "Hello" %} <b>you</b></p>', ["you"]),
        ('<img alt="A mall"><a title="{% translate \'x\' %}">{{ y }}</a>', ["A mall"]),
        ('<input placeholder="Name" value="shown by nobody">', ["Name"]),
        ("{% blocktranslate with a=b %}Words {{ a }}{% endblocktranslate %}", []),
        ("{# Said to nobody. #}<code>manage.py init</code>", []),
        ('{{ name|default:"nobody" }}', ["nobody"]),
        ('<p {% if a %}class="b c"{% endif %}>–</p>', []),
        ('<button aria-label="{% if a %}Open{% endif %}"></button>', ["Open"]),
    ],
)
def test_the_check_sees_what_it_should(source: str, found: list[str]) -> None:
    assert unmarked(source) == found


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_says_nothing_untranslated(template: Path) -> None:
    assert unmarked(template.read_text()) == []


# What is handed to these is read by people.
SPOKEN_CALLS = {"success", "error", "info", "warning", "ValidationError"}
SPOKEN_KEYWORDS = {"label", "help_text", "empty_label", "error_message", "title", "heading"}


def unmarked_calls(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        logs = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") in (
            "log",
            "logger",
        )
        spoken = [keyword.value for keyword in node.keywords if keyword.arg in SPOKEN_KEYWORDS]
        spoken += node.args if name in SPOKEN_CALLS and not logs else []
        yield from (value.value for value in spoken if _is_words(value))


def _is_words(value: ast.AST) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, str) and bool(WORD.search(value.value))


def test_the_check_of_code_sees_what_it_should() -> None:
    source = 'messages.success(r, "Saved")\nCharField(label="Name", help_text=_("x"))\nlog.error("why")'
    assert list(unmarked_calls(source)) == ["Saved", "Name"]


@pytest.mark.parametrize("file", [*FORMS, *CODE], ids=lambda path: str(path.relative_to(ROOT / "backups")))
def test_code_says_nothing_untranslated(file: Path) -> None:
    assert list(unmarked_calls(file.read_text())) == []
