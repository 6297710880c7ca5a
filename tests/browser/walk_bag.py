"""A small bag for the walk: nine envelopes in two files, and the truth about every page."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from web.demo import bag as bags
from web.demo.group import Group
from web.demo.mailroom import Mailroom, Station
from web.demo.scan_files import write_pdf, write_tiff

OFFICE = "NORTH"
_PDF = ("with_coupon", "memo_only", "insurance", "returned_moved", "letter", "with_coupon")
_TIFF = ("name_only", "stranger")


@dataclass(frozen=True, slots=True)
class Walk:
    """The files to upload, and what each page of them is."""

    files: tuple[bags.BagFile, ...]

    def about(self, file: str, position: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """Truth of the envelope and of the document that page ``position`` belongs to."""
        for each in self.files:
            for transaction in each.transactions if each.name == file else ():
                for document in transaction.documents:
                    if position in document["pages"]:
                        return transaction.truth(), document
        raise AssertionError(f"page {position} of {file} is no document's")

    @property
    def deposit_cents(self) -> tuple[int, ...]:
        """The amounts a person counts when the checks go to the bank: every check but the copy."""
        return tuple(
            t.item.amount_cents
            for file in self.files
            for t in file.transactions
            if t.item.amount_cents is not None and t.item.outcome != "duplicate"
        )

    @property
    def new_address(self) -> str:
        """What the yellow label of the returned envelope says, after the name."""
        (forward,) = {
            document["fields"]["forward_address"]
            for file in self.files
            for t in file.transactions
            for document in t.documents
            if document["kind"] == "returned_mail"
        }
        return str(forward)


def make_walk(group: Group, seed: int = 11) -> Walk:
    """A scanned PDF of six envelopes; a duplex TIFF of two and a check scanned once more."""
    room = Mailroom(group, group.office(OFFICE), seed)
    pdf = bags.Feeder(random.Random(f"walk-1:{seed}"))
    for number, scenario in enumerate(_PDF):
        station = Station(200, "gray")
        if number:
            pdf.separate(station)
        pdf.feed(room.item(f"A{number}", scenario, station))
    tiff = bags.Feeder(random.Random(f"walk-2:{seed}"))
    station = Station(200, "bitonal", duplex=True)
    for number, scenario in enumerate(_TIFF):
        tiff.feed(room.item(f"B{number}", scenario, station))
        tiff.separate(station)
    tiff.feed(room.item("B9", "memo_only", station, twin="A1"))
    return Walk(
        (
            pdf.file("walk-1.pdf", room, "scanned_pdf", write_pdf(pdf.pages)),
            tiff.file("walk-2.tif", room, "tiff", write_tiff(tiff.pages)),
        )
    )
