"""Results as a server would send them, and what the text of their rows must be."""

from __future__ import annotations

from collections.abc import Sequence

END = b"\xfe\x00\x00\x22\x00"
Field = bytes | None


def length(size: int, form: int = 0) -> bytes:
    """A length as the protocol has it: the shortest form, or the one with so many bytes after the first."""
    form = form or (0 if size < 251 else 2 if size < 2**16 else 3 if size < 2**24 else 8)
    first = {2: b"\xfc", 3: b"\xfd", 8: b"\xfe"}
    return first[form] + size.to_bytes(form, "little") if form else bytes([size])


def packet(content: bytes, number: int = 0) -> bytes:
    return len(content).to_bytes(3, "little") + bytes([number % 256]) + content


def row(fields: Sequence[Field], form: int = 0) -> bytes:
    return b"".join(b"\xfb" if field is None else length(len(field), form) + field for field in fields)


def result(rows: Sequence[Sequence[Field]], end: bytes = END) -> bytes:
    return b"".join(packet(content, number) for number, content in enumerate([*map(row, rows), end], 5))


def line(fields: Sequence[Field], kinds: bytes) -> bytes:
    return b"\t".join(_text(field, kind) for field, kind in zip(fields, kinds, strict=True)) + b"\n"


def _text(field: Field, kind: int) -> bytes:
    if field is None:
        return rb"\N"
    if kind == ord("h"):
        return b"".join(b"%02X" % byte for byte in field)
    if kind == ord("p"):
        return field
    escapes = {0x5C: rb"\\", 0x09: rb"\t", 0x0A: rb"\n"}
    return b"".join(escapes.get(byte, bytes([byte])) for byte in field)
