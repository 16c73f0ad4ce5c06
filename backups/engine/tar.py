"""The headers of a PAX tar stream, each byte of which follows from its entry.

So the reader does not parse a tar at all: it writes the header that the entry of the signed index has, and
compares. What `tar` would restore by hand and what we restore cannot differ.
"""

from __future__ import annotations

from .entries import FILE, FOLDER, HARD_LINK, SYMLINK, Entry

BLOCK = 512
END = bytes(2 * BLOCK)
TYPES = {FILE: b"0", HARD_LINK: b"1", SYMLINK: b"2", FOLDER: b"5"}
SECOND = 1_000_000_000
SMALL_ID, SMALL_SIZE = 8**7 - 1, 8**11 - 1


def header(entry: Entry) -> bytes:
    """All that stands before an entry's bytes: PAX records, the plain header, the map of a sparse file."""
    map_text = _map(entry)
    size = entry.stored_bytes + len(map_text)
    records = _records(entry, size)
    name = _bytes(entry.path) + (b"/" if entry.kind == FOLDER else b"")
    extended = _plain(b"PaxHeader", b"x", size=len(records), entry=None)
    plain = _plain(name, TYPES[entry.kind], size=size, entry=entry)
    return extended + padded(records) + plain + map_text


def padded(content: bytes) -> bytes:
    return content + bytes(padding(len(content)))


def padding(size: int) -> int:
    return -size % BLOCK


def _records(entry: Entry, size: int) -> bytes:
    """Always the same ones, whatever the plain header could hold: fewer cases, and nothing to guess."""
    told = {b"path": _bytes(entry.path), b"mtime": _moment(entry.mtime)}
    told |= {b"uid": b"%d" % entry.uid, b"gid": b"%d" % entry.gid}
    if entry.owner:
        told[b"uname"] = _bytes(entry.owner)
    if entry.group:
        told[b"gname"] = _bytes(entry.group)
    if entry.link:
        told[b"linkpath"] = _bytes(entry.link)
    if size > SMALL_SIZE:
        told[b"size"] = b"%d" % size
    if entry.runs is not None:
        told |= {b"GNU.sparse.major": b"1", b"GNU.sparse.minor": b"0"}
        told |= {b"GNU.sparse.name": _bytes(entry.path), b"GNU.sparse.realsize": b"%d" % entry.size}
    # Before the others: names may be of any bytes.
    head = [] if all(map(_is_utf8, told.values())) else [_record(b"hdrcharset", b"BINARY")]
    return b"".join([*head, *(_record(name, value) for name, value in told.items())])


def _record(name: bytes, value: bytes) -> bytes:
    """`<length> name=value\\n`, where the length counts its own digits."""
    rest = b" " + name + b"=" + value + b"\n"
    length = len(rest) + len(str(len(rest)))
    if len(str(length)) + len(rest) != length:
        length += 1
    return b"%d" % length + rest


def _map(entry: Entry) -> bytes:
    """Where the runs of a sparse file lie, as GNU tar's format 1.0 has it; an end in a hole is a run of 0."""
    if entry.runs is None:
        return b""
    runs = list(entry.runs)
    if not runs or sum(runs[-1]) != entry.size:
        runs.append((entry.size, 0))
    return padded(b"".join(b"%d\n" % number for number in [len(runs), *(n for run in runs for n in run)]))


def _plain(name: bytes, kind: bytes, *, size: int, entry: Entry | None) -> bytes:
    """The header of 1988. What it cannot hold stands in the records before it."""
    seconds = min(max(entry.mtime // SECOND, 0), SMALL_SIZE) if entry else 0
    fields = (
        _shortened(name, 100),
        _octal(entry.mode if entry else 0o644, 8),
        _octal(min(entry.uid, SMALL_ID) if entry else 0, 8),
        _octal(min(entry.gid, SMALL_ID) if entry else 0, 8),
        _octal(min(size, SMALL_SIZE), 12),
        _octal(seconds, 12),
        b" " * 8,
        kind,
        _shortened(_bytes(entry.link) if entry else b"", 100),
        b"ustar\x0000",
        _shortened(_bytes(entry.owner) if entry else b"", 31) + b"\0",
        _shortened(_bytes(entry.group) if entry else b"", 31) + b"\0",
    )
    block = b"".join(fields).ljust(BLOCK, b"\0")
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def _octal(number: int, width: int) -> bytes:
    return b"%0*o\0" % (width - 1, number)


def _shortened(text: bytes, width: int) -> bytes:
    return text[:width].ljust(width, b"\0")


def _moment(nanoseconds: int) -> bytes:
    sign, whole = (b"-" if nanoseconds < 0 else b""), abs(nanoseconds)
    return sign + b"%d.%09d" % (whole // SECOND, whole % SECOND)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
