"""Bytes come out of ASCII85 as the standard library has them, and what is none is refused."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.decoders import ascii85


@given(st.binary(max_size=200), st.integers(min_value=0, max_value=30))
def test_bytes_come_back_however_long_and_wrapped(body: bytes, wrap: int) -> None:
    assert ascii85.decoded(base64.a85encode(body, wrapcol=wrap)) == body


@pytest.mark.parametrize("text", [b"abc~", b"abcv", b"uuuuu", b"!!!!!u~>", b"ab\x00cd", b"a\xffb"])
def test_what_is_no_ascii85_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"[Aa]scii85|ASCII85"):
        base64.a85decode(text)
    with pytest.raises(ValueError, match="ASCII85"):
        ascii85.decoded(text)
