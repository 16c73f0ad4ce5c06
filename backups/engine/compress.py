"""zstd, one frame a member; an ordinary `zstd -d` reads it."""

from __future__ import annotations

from backports import zstd

# Level 1 beat level 3 here in speed and in size; see docs/architecture.md.
OPTIONS = {
    int(zstd.CompressionParameter.compression_level): 1,
    int(zstd.CompressionParameter.checksum_flag): 1,
}


class NotWhole(ValueError):
    """The bytes are no whole zstd frame, or hold more than they may."""


def compress(plain: bytes) -> bytes:
    return zstd.compress(plain, options=OPTIONS)


def decompress(packed: bytes, *, limit: int) -> bytes:
    """The plain bytes of exactly one frame, at most `limit` of them: a bomb is stopped, not unpacked."""
    reader = zstd.ZstdDecompressor()
    try:
        plain = reader.decompress(packed, max_length=limit + 1)
    except zstd.ZstdError as error:
        raise NotWhole("not a zstd frame") from error
    if len(plain) > limit or not reader.eof or reader.unused_data:
        raise NotWhole("not one whole zstd frame of the size expected")
    return plain
