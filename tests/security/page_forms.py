"""The forms and links of a page, as a browser reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

LISTED = ("input", "textarea", "select", "button")
# Fields that are read in one way each, whatever they are called.
KINDS = {
    "select": "choice", "radio": "choice", "checkbox": "choice", "hidden": "hidden", "number": "measure",
    "date": "measure", "time": "measure", "datetime-local": "measure",
}  # fmt: skip


@dataclass(slots=True)
class Form:
    """`fields` holds what a browser would send if nobody typed anything; a name may come several times."""

    action: str
    method: str
    enctype: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted({name for name, _ in self.fields} | set(self.files)))


@dataclass(slots=True)
class Read:
    forms: list[Form]
    links: list[str]


def read_page(text: str, address: str) -> Read:
    parser = _Parser(address)
    parser.feed(text)
    parser.close()
    return Read(parser.forms, parser.links)


class _Parser(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.forms, self.links = address, [], []
        self._form: Form | None = None
        self._select = ""
        self._by_id: dict[str, Form] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._begin(told)
        elif tag == "a":
            self.links.append(urljoin(self.address, told.get("href", "")))
        elif tag == "option" and self._form and self._select:
            self._form.fields.append((self._select, told.get("value", "")))
        elif tag in LISTED:
            self._note(tag, told)
        for name in ("hx-get", "hx-post"):
            if name in told:
                self._by_script(name, told)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""

    def _begin(self, told: dict[str, str]) -> None:
        action = urljoin(self.address, told.get("action") or self.address)
        kind = told.get("enctype", "application/x-www-form-urlencoded")
        self._form = Form(action, told.get("method", "get").lower(), kind)
        self.forms.append(self._form)
        self._by_id[told.get("id", "")] = self._form

    def _by_script(self, name: str, told: dict[str, str]) -> None:
        """What htmx asks for is asked without a form too."""
        method = name.removeprefix("hx-")
        known = self._form or Form("", "", "")
        action = urljoin(self.address, told[name])
        self.forms.append(Form(action, method, "", known.fields, kinds=known.kinds))

    def _note(self, tag: str, told: dict[str, str]) -> None:
        form = self._by_id.get(told["form"]) if told.get("form") else self._form
        name = told.get("name", "")
        if not form or not name:
            return
        form.kinds[name] = KINDS.get(tag if tag == "select" else told.get("type", ""), "text")
        if tag == "select":
            self._select = name
        elif told.get("type") == "file":
            form.files.append(name)
        else:
            form.fields.append((name, told.get("value", "")))


def path_of(address: str) -> str:
    """Without the host; '' where it leads away."""
    parts = urlsplit(address)
    return (
        f"{parts.path}{'?' + parts.query if parts.query else ''}"
        if parts.netloc in {"", "testserver"}
        else ""
    )
