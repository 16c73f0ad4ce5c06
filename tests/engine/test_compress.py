"""zstd frames: whole, bounded, and readable by the ordinary program."""

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backups.engine.compress import NotWhole, compress, decompress


@pytest.mark.parametrize("length", [0, 1, 10, -1])
def test_a_frame_that_is_cut_off_is_refused(length: int) -> None:
    with pytest.raises(NotWhole):
        decompress(compress(b"parkir" * 1000)[:length], limit=10_000)


def test_more_than_the_limit_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(NotWhole):
        decompress(compress(bytes(50_000_000)), limit=1000)


def test_a_second_frame_behind_the_first_is_refused() -> None:
    with pytest.raises(NotWhole):
        decompress(compress(b"a") + compress(b"b"), limit=100)


def test_a_flipped_bit_is_refused() -> None:
    packed = bytearray(compress(b"transaksi" * 500))
    packed[-6] ^= 1
    with pytest.raises(NotWhole):
        decompress(bytes(packed), limit=10_000)


@given(st.binary(max_size=5000))
def test_what_was_compressed_comes_back(plain: bytes) -> None:
    assert decompress(compress(plain), limit=len(plain)) == plain


def test_the_ordinary_program_reads_it() -> None:
    program = shutil.which("zstd")
    assert program
    answer = subprocess.run([program, "-dc"], input=compress(b"gerbang"), capture_output=True, check=True)
    assert answer.stdout == b"gerbang"
