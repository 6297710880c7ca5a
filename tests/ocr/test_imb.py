"""The Intelligent Mail barcode round-trips, matches published vectors and is never wrong."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr import imb, imb_soft

TRACKING = "01234567094987654321"
VECTORS = [
    (TRACKING, "", "ATTFATTDTTADTAATTDTDTATTDAFDDFADFDFTFFFFFTATFAAAATDFFTDAADFTFDTDT"),
    (TRACKING, "01234", "DTTAFADDTTFTDTFTFDTDDADADAFADFATDDFTAAAFDTTADFAAATDFDTDFADDDTDFFT"),
    (TRACKING, "012345678", "ADFTTAFDTTTTFATTADTAAATFTFTATDAAAFDDADATATDTDTTDFDTDATADADTDFFTFA"),
    (TRACKING, "01234567891", "AADTFFDFTDADTAADAATFDTDDAAADDTDTTDAFADADDDTFFFDDTTTADFAAADFTDAADA"),
    (
        "23270592831482031240",
        "96713024817",
        "DDADATADTAATDTTTDFDTTFTFFADTFTDFTATAAFTTFATDAATATDATATFADAADDTFDT",
    ),
]
POSTAL_PRO = [
    "FAFAAFTTTFFFTDTFAFAFDATTATFTAFADDAFTAAFFFAFATFFFFTFADDFFTAFFTTFDF",
    "DFTTFFFDTATTFFTDTADAFDAADDFDTDTFTAFAFADAAAADADTTTFFTFATTFFADDATAF",
    "FAAAAFTTAAFFADADFFADFFFFATFTATTTFATFFTFTDDDTTDDTFDFDTTFDTDTFTTFFF",
    "FDAFFAAADTTAADTAFTTDADTFDDTAADTFTDTFFFTTTAFTFATTAAADTFFDDFDDTFDDD",
    "DTFFAATAFTFFFDFADFFFFFDTFAATTDTDDFFAATATFTDFFTDDDDTDATTTTDTDADTAA",
]
tracking_digits = st.builds(
    lambda a, b, rest: f"{a}{b}{rest}",
    st.integers(0, 9),
    st.integers(0, 4),
    st.text("0123456789", min_size=18, max_size=18),
)
routing_digits = st.sampled_from([0, 5, 9, 11]).flatmap(
    lambda n: st.text("0123456789", min_size=n, max_size=n)
)


@pytest.mark.parametrize(("tracking", "routing", "bars"), VECTORS)
def test_published_vectors_encode_and_decode(tracking: str, routing: str, bars: str) -> None:
    assert imb.encode(tracking, routing) == bars
    assert imb.decode(bars) == imb.Imb(tracking, routing)


@pytest.mark.parametrize("bars", POSTAL_PRO)
def test_bars_of_the_postal_tool_decode_and_encode_back(bars: str) -> None:
    found = imb.decode(bars)
    assert found is not None
    assert imb.encode(found.tracking, found.routing) == bars


@given(tracking_digits, routing_digits)
@settings(max_examples=60, deadline=None)
def test_every_value_round_trips_either_way_up(tracking: str, routing: str) -> None:
    bars = imb.encode(tracking, routing)
    assert imb.decode(bars) == imb.Imb(tracking, routing)
    assert imb.decode(imb.turned(bars)) == imb.Imb(tracking, routing)


@given(tracking_digits, routing_digits, st.integers(0, 64), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_one_wrong_bar_is_never_decoded_hard(
    tracking: str, routing: str, bar: int, change: int
) -> None:
    bars = imb.encode(tracking, routing)
    other = "TDAF"[("TDAF".index(bars[bar]) + change) % 4]
    found = imb.decode(bars[:bar] + other + bars[bar + 1 :])
    assert found is None


def _soft(bars: str, strength: float = 2.0) -> np.ndarray:
    return np.array(
        [[strength if b in "DF" else -strength, strength if b in "AF" else -strength] for b in bars]
    )


@given(tracking_digits, routing_digits, st.lists(st.integers(0, 64), max_size=2, unique=True))
@settings(max_examples=30, deadline=None)
def test_a_faint_wrong_bar_is_mended_and_counted(
    tracking: str, routing: str, faint: list[int]
) -> None:
    seen = _soft(imb.encode(tracking, routing))
    for bar in faint:
        seen[bar, 0] *= -0.1
    found = imb_soft.decode(seen)
    assert found is not None
    assert (found.tracking, found.routing, found.corrected_bars) == (tracking, routing, len(faint))


def test_random_bars_are_never_believed() -> None:
    chance = np.random.default_rng(7)
    for _ in range(150):
        assert imb_soft.decode(chance.choice([-2.0, 2.0], (65, 2))) is None


def test_bad_digits_are_refused() -> None:
    for tracking, routing in [("1", ""), ("09" + "0" * 18, ""), (TRACKING, "123")]:
        with pytest.raises(ValueError, match="digits"):
            imb.encode(tracking, routing)


def test_json_splits_mailer_and_serial_by_the_first_digit() -> None:
    long = imb.Imb("00040900000001234567", "12345")
    assert long.as_json()["mailer_id"] == "900000001"
    assert long.as_json()["serial"] == "234567"
    assert imb.Imb(TRACKING, "").as_json()["mailer_id"] == "567094"


@given(
    tracking_digits,
    routing_digits,
    st.lists(st.tuples(st.integers(0, 64), st.integers(1, 3)), max_size=6),
)
@settings(max_examples=60, deadline=None)
def test_bars_read_wrong_never_give_another_code(
    tracking: str, routing: str, flips: list[tuple[int, int]]
) -> None:
    bars = list(imb.encode(tracking, routing))
    for bar, change in flips:
        bars[bar] = "TDAF"[("TDAF".index(bars[bar]) + change) % 4]
    found = imb_soft.decode(_soft("".join(bars)))
    assert found is None or (found.tracking, found.routing) == (tracking, routing)
