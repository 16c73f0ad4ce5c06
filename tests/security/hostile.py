"""What somebody sends who wants to see the panel stumble: requests drawn by hypothesis from a page's form."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_from_bytes, urlsplit

from hypothesis import strategies as st

from tests.security.page_forms import Form

MARK = "qpk1337"
MARKUP = f"\"'><svg/onload={MARK}>"
# By what each of them is after.
FAMILIES: dict[str, tuple[bytes, ...]] = {
    "markup": (
        MARKUP.encode(),
        f"</textarea></title><script>{MARK}</script>".encode(),
        f"javascript:{MARK}()".encode(),
        b"{{7*7}}{% debug %}${7*7}%(password)s{0.__class__}",
    ),
    "characters": (
        b"\x00",
        b"a\x00b",
        "\u202egnp.exe".encode(),
        "\ud800".encode("utf-8", "surrogatepass"),
        b"\xff\xfe\xc3\x28",
        "ﬃ💣Ⅷİ".encode(),
    ),
    "traversal": (
        b"../../../../etc/passwd",
        b"..\\..\\windows\\win.ini",
        b"/etc/passwd\x00.zip",
        b"file:///etc/passwd",
    ),
    "headers": (f"a\r\nX-{MARK}: 1\r\nSet-Cookie: {MARK}=1".encode(),),
    "elsewhere": (
        b"https://jahat.example/",
        b"//jahat.example",
        b"/\\jahat.example",
        b"http://169.254.169.254/latest/meta-data/",
        b"http://[::1]:3306/",
        b"gopher://127.0.0.1:6379/_FLUSHALL",
    ),
    "SQL": (
        b"' OR '1'='1' -- ",
        b"1; DROP TABLE backups_user; --",
        b'" UNION SELECT password FROM backups_user -- ',
    ),
    "numbers": (
        b"-1",
        b"0",
        b"9223372036854775808",
        b"99999999999999999999999999999999",
        b"1e400",
        b"NaN",
        b"infinity",
        b"0x10",
        b"1_000",
        "٣".encode(),
    ),
    "types": (b"true", b"null", b"[]", b"{}"),
    "times": (
        b"0000-00-00",
        b"9999-12-31T23:59",
        b"0001-01-01T00:00",
        b"2026-02-30",
        b"25:61",
        b"* * * * *",
        b"*/0 99 * * *",
    ),
    "huge": (b"A" * 300, b"A" * 70_000, "🅿".encode() * 3000),
}
VALUES = tuple(value for family in FAMILIES.values() for value in family)
HEADERS: tuple[tuple[str, bytes], ...] = (
    ("HTTP_ACCEPT_LANGUAGE", b"xx-" + b"y" * 5000),
    ("HTTP_ACCEPT_LANGUAGE", b"id;q=NaN,\xff\xfe;q=-1,*"),
    ("HTTP_COOKIE", b'django_language=../../etc; theme="><svg>; sessionid=\xff; csrftoken=;;;=;'),
    ("HTTP_COOKIE", b"messages=not-signed:at-all; sessionid=" + b"a" * 4000),
    ("HTTP_HX_REQUEST", b"true"),
    ("HTTP_HX_CURRENT_URL", b"javascript:" + MARK.encode()),
    ("HTTP_HX_TARGET", MARKUP.encode()),
    ("HTTP_HX_BOOSTED", b"\xff"),
    ("HTTP_HX_HISTORY_RESTORE_REQUEST", b"true"),
    ("HTTP_X_FORWARDED_FOR", b"' OR 1=1, \xff"),
    ("HTTP_X_FORWARDED_HOST", b"jahat.example"),
    ("HTTP_X_FORWARDED_PROTO", b"https\r\nX: 1"),
    ("HTTP_X_HTTP_METHOD_OVERRIDE", b"DELETE"),
    ("HTTP_HOST", b"jahat.example"),
    ("HTTP_HOST", b"testserver:99999999"),
    ("HTTP_REFERER", b"https://jahat.example/" + MARKUP.encode()),
    ("HTTP_RANGE", b"bytes=0-,5-3,-999999999999999999999"),
    ("HTTP_IF_MODIFIED_SINCE", b"Thu, 32 Foo 99999 25:61:61 GMT"),
    ("HTTP_AUTHORIZATION", b"Bearer \xff\xfe"),
)
FOREIGN = (
    "id",
    "pk",
    "role",
    "is_superadmin",
    "user",
    "mall_id",
    "next",
    "page",
    "csrfmiddlewaretoken",
    "q",
    "__proto__",
)


@dataclass(frozen=True, slots=True)
class Attack:
    """One request. `extra` is what the WSGI server would hand on of its headers."""

    method: str
    path: str
    body: bytes = b""
    kind: str = "application/x-www-form-urlencoded"
    extra: dict[str, str] = field(default_factory=dict)


VALUE = st.one_of(st.sampled_from(VALUES), st.text(max_size=40).map(str.encode), st.binary(max_size=40))


class Turns:
    """One family after the other for each kind of field, so that few requests try every kind with all."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()
        self.met: set[tuple[str, str]] = set()

    def attack(self, form: Form) -> Attack:
        """The form with something strange in every field; where it has none, in one that it has not."""
        told = [(name, self._next(form.kinds.get(name, "text"))) for name in form.names]
        foreign = (FOREIGN[self._taken["foreign"] % len(FOREIGN)], self._next("foreign"))
        path, body = urlsplit(form.action).path, _encoded([*told, foreign])
        return (
            Attack("POST", path, body.encode()) if form.method == "post" else Attack("GET", f"{path}?{body}")
        )

    def _next(self, kind: str) -> bytes:
        turn, self._taken[kind] = self._taken[kind], self._taken[kind] + 1
        name = tuple(FAMILIES)[turn % len(FAMILIES)]
        self.met.add((kind, name))
        return FAMILIES[name][turn // len(FAMILIES) % len(FAMILIES[name])]


@st.composite
def attacks(draw: Any, form: Form) -> Attack:
    """The form as it is, with some of it replaced, left out, repeated or added, sent in some way."""
    fields = [(name, value.encode()) for name, value in form.fields]
    names = [*form.names, draw(st.sampled_from(FOREIGN))]
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=4)):
        fields = _changed(draw, fields, name)
    extra = _headers(draw)
    path = urlsplit(form.action).path
    if form.method != "post":
        return Attack("GET", f"{path}?{_encoded(fields)}", extra=extra)
    kind, body = draw(st.sampled_from(BODIES))(draw, fields, form)
    return Attack("POST", path, body, kind, extra)


def _changed(draw: Any, fields: list[tuple[str, bytes]], name: str) -> list[tuple[str, bytes]]:
    without = [pair for pair in fields if pair[0] != name]
    how = draw(st.sampled_from(("replaced", "replaced", "replaced", "left out", "repeated")))
    if how == "left out":
        return without
    if how == "repeated":
        return [*fields, (name, draw(VALUE)), (name, draw(VALUE))]
    return [*without, (name, draw(VALUE))]


def _headers(draw: Any) -> dict[str, str]:
    chosen = draw(st.lists(st.sampled_from(HEADERS), max_size=2)) if draw(st.integers(0, 3)) == 0 else []
    return {name: value.decode("latin-1") for name, value in chosen}


def _encoded(fields: list[tuple[str, bytes]]) -> str:
    return "&".join(f"{quote_from_bytes(name.encode())}={quote_from_bytes(value)}" for name, value in fields)


def _as_form(draw: Any, fields: list[tuple[str, bytes]], form: Form) -> tuple[str, bytes]:
    return "application/x-www-form-urlencoded", _encoded(fields).encode()


def _as_parts(draw: Any, fields: list[tuple[str, bytes]], form: Form) -> tuple[str, bytes]:
    """With files where the form has some, under names that lead elsewhere."""
    parts = [
        b'--X\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (n.encode(), v) for n, v in fields
    ]
    name = draw(st.sampled_from((b"../../evil.sql", b"a\x00.sql.gz", MARKUP.encode() + b".zip", b"x.sql")))
    content = draw(
        st.sampled_from((b"", b"PK\x03\x04", b"\x1f\x8b", b"CREATE TABLE a (b INT);", b"\x00" * 2000))
    )
    told = b'--X\r\nContent-Disposition: form-data; name="%b"; filename="%b"\r\n\r\n%b\r\n'
    parts += [told % (field_name.encode(), name, content) for field_name in form.files]
    return "multipart/form-data; boundary=X", b"".join([*parts, b"--X--\r\n"])


def _as_broken_parts(draw: Any, fields: list[tuple[str, bytes]], form: Form) -> tuple[str, bytes]:
    kind, whole = _as_parts(draw, fields, form)
    cut = draw(st.integers(0, len(whole)))
    return draw(
        st.sampled_from((kind, "multipart/form-data", "multipart/form-data; boundary=" + "b" * 300))
    ), whole[:cut]


def _as_json(draw: Any, fields: list[tuple[str, bytes]], form: Form) -> tuple[str, bytes]:
    nested: dict[str, object] = {name: {"$gt": [value.decode("latin-1")]} for name, value in fields}
    return "application/json", draw(st.sampled_from((json.dumps(nested).encode(), b"{", b"[" * 5000)))


def _as_something(draw: Any, fields: list[tuple[str, bytes]], form: Form) -> tuple[str, bytes]:
    kinds = (
        "",
        "text/xml",
        "application/x-www-form-urlencoded; charset=utf-7",
        "a/b; charset=\xff",
        "x" * 3000,
    )
    return draw(st.sampled_from(kinds)), _encoded(fields).encode()


BODIES = (_as_form, _as_form, _as_form, _as_form, _as_parts, _as_broken_parts, _as_json, _as_something)
