"""Mail of so many checks for one deposit: envelopes off three duplex scanners, with their truth."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from web.demo.bag import BagFile, Feeder
from web.demo.group import Group
from web.demo.mail import MailItem
from web.demo.mailroom import Mailroom, Station
from web.demo.scan_files import write_pdf, write_tiff

ACCOUNTS_A_CHECK = 8
"""So many patients a check leave every office enough open bills."""
_MIX = (
    ("with_coupon", 44), ("memo_only", 14), ("name_only", 10), ("partial", 8), ("family", 6),
    ("insurance", 6), ("bill_pay", 5), ("money_order", 3), ("two_checks", 3),
    ("amount_mismatch", 1),
)  # fmt: skip
_BITONAL = Station(200, "bitonal", duplex=True)
_STATIONS = (
    _BITONAL, Station(200, "gray", duplex=True), _BITONAL, Station(300, "color", duplex=True),
)  # fmt: skip
_ENVELOPES_A_FILE = 25


def checks_of(item: MailItem) -> int:
    """How many checks an envelope holds."""
    return sum(piece.kind == "check" for piece in item.pieces)


def check_files(
    group: Group, seed: int, count: int, office_code: str, told: Callable[[int], None]
) -> Iterator[BagFile]:
    """Files that hold ``count`` checks, each one that a bank takes; no two are the same check.

    They are drawn one by one, for a file of color pages is large; ``told`` gets the checks drawn
    since it was called last. Equal seeds give equal bytes.
    """
    room = Mailroom(group, group.office(office_code), seed)
    rng = random.Random(f"checks for a deposit:{seed}")
    seen: set[str] = set()
    left = count
    for number in range(count + 1):
        if not left:
            return
        station = _STATIONS[number % len(_STATIONS)]
        feeder = Feeder(rng)
        for place in range(_ENVELOPES_A_FILE):
            if not left:
                break
            if place:
                feeder.separate(station)
            item = _fresh(room, rng, f"C{number:03d}-{place:02d}", station, left, seen)
            feeder.feed(item)
            left -= checks_of(item)
            told(checks_of(item))
        tiff = station.mode == "bitonal"
        data = (write_tiff if tiff else write_pdf)(feeder.pages)
        name = f"checks-{number + 1:03d}.{'tif' if tiff else 'pdf'}"
        yield feeder.file(name, room, "tiff" if tiff else "scanned_pdf", data)


def _fresh(
    room: Mailroom, rng: random.Random, name: str, station: Station, most: int, seen: set[str]
) -> MailItem:
    """An envelope of at most so many checks whose numbers were not drawn before."""
    names, weights = zip(*_MIX, strict=True)
    for again in range(100):
        scenario = rng.choices(names, weights=weights)[0] if most > 1 else "with_coupon"
        item = room.item(f"{name}-{again}", scenario, station)
        lines = {str(p.truth["micr_line"]) for p in item.pieces if p.kind == "check"}
        if len(lines) == checks_of(item) and not lines & seen:
            seen |= lines
            return item
    raise AssertionError("the generator draws the same checks again and again")
