import gzip
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.gunzip import PORTION, Garbled, Gunzip


def unpacked(portions: Iterable[bytes]) -> bytes:
    gunzip = Gunzip()
    plain = b"".join(part for portion in portions for part in gunzip.feed(portion))
    gunzip.close()
    return plain


def cut(body: bytes, cuts: Iterable[int]) -> list[bytes]:
    places = sorted({0, len(body), *(place % (len(body) + 1) for place in cuts)})
    return [body[start:end] for start, end in pairwise(places)]


@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=3), st.lists(st.integers(min_value=0), max_size=20))
def test_however_it_is_cut_it_unpacks_to_the_same(members: list[bytes], cuts: list[int]) -> None:
    packed = b"".join(map(gzip.compress, members))
    assert unpacked(cut(packed, cuts)) == b"".join(members)


@given(st.binary(min_size=1, max_size=500), st.integers(min_value=1))
def test_a_stream_that_ends_early_is_never_whole(plain: bytes, missing: int) -> None:
    packed = gzip.compress(plain)
    with pytest.raises(Garbled):
        unpacked([packed[: len(packed) - 1 - missing % len(packed)]])


@given(st.binary(min_size=1, max_size=100))
def test_what_follows_a_stream_is_another_stream_or_garbled(rest: bytes) -> None:
    with pytest.raises(Garbled):
        unpacked([gzip.compress(b"rows") + rest])


def test_a_little_unpacks_to_no_more_than_a_portion_at_a_time() -> None:
    parts = list(Gunzip().feed(gzip.compress(bytes(10 * PORTION), 9)))
    assert max(map(len, parts)) <= PORTION
    assert sum(map(len, parts)) == 10 * PORTION
