"""Whole fax pages pass, whatever is on them; pages that lost a part do not."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from intake.decoders.fax import check_strips
from records.errors import UnreadableError
from tests.corpus import good, hostile


@settings(max_examples=60, deadline=None)
@given(
    width=st.integers(1, 300),
    height=st.integers(1, 200),
    seed=st.integers(0, 2**32 - 1),
    density=st.sampled_from([0.0, 0.001, 0.05, 0.5, 1.0]),
    rows=st.integers(1, 200),
    compression=st.sampled_from(["group4", "group3", "tiff_ccitt"]),
    reversed_bits=st.booleans(),
)
def test_a_whole_page_is_never_refused(
    width: int,
    height: int,
    seed: int,
    density: float,
    rows: int,
    compression: str,
    reversed_bits: bool,
) -> None:
    rng = np.random.default_rng(seed)
    black = rng.random((height, width)) < density
    image = Image.fromarray(np.where(black, 0, 255).astype(np.uint8)).convert("1")
    tags = {278: min(rows, height)} | ({266: 2} if reversed_bits else {})
    data = good.saved(image, "TIFF", compression=compression, tiffinfo=tags)
    check_strips(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.95])
def test_a_page_cut_anywhere_is_refused(share: float) -> None:
    data = hostile.one_strip_tiff()
    whole = Image.open(io.BytesIO(data)).tag_v2[279][0]  # type: ignore[attr-defined]
    with pytest.raises(UnreadableError) as caught:
        check_strips(Image.open(io.BytesIO(hostile.patched_tiff(279, int(whole * share)))))
    assert caught.value.code == "truncated_file"


def test_pages_of_other_kinds_are_not_looked_at() -> None:
    check_strips(Image.open(io.BytesIO(good.saved(good.text_page(1), "TIFF", compression="raw"))))
    check_strips(Image.open(io.BytesIO(good.saved(good.text_page(1), "PNG"))))
