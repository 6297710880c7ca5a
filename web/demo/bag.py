"""The bag of mail: files as the scanners and telephones of three offices give them, and truth."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from web.demo.era_file import era_text
from web.demo.group import Group
from web.demo.letter_art import draw_blank
from web.demo.mail import MailItem, Mode, Piece
from web.demo.mailroom import Mailroom, Station
from web.demo.pieces import fitting_insurers
from web.demo.remit_art import remittance_pdf, render_pdf
from web.demo.remit_facts import Remittance, make_remittance
from web.demo.scan_files import EncodedPage, encode, write_pdf, write_tiff
from web.demo.scanner import random_look, scan
from web.demo.symbols import separator

Media = Literal["scanned_pdf", "tiff", "jpeg", "digital_pdf", "x12_835"]

_PDF_PLAN: tuple[tuple[str, int], ...] = (
    ("with_coupon", 12), ("insurance", 2), ("memo_only", 3), ("name_only", 2), ("family", 1),
    ("partial", 2), ("returned_label", 2), ("bill_pay", 2), ("money_order", 1),
    ("insurance_long", 1), ("letter", 2), ("postdated", 1), ("amount_mismatch", 1),
    ("misdirected", 1), ("stranger", 1), ("unreadable", 1), ("returned_moved", 1),
    ("returned_stamp", 1), ("blank", 1),
)  # fmt: skip
_TIFF_PLAN: tuple[tuple[str, int], ...] = (
    ("with_coupon", 8), ("insurance", 3), ("two_checks", 1), ("memo_only", 2), ("name_only", 1),
    ("family", 1), ("bill_pay", 1), ("unsigned", 1), ("returned_label", 1),
    ("returned_moved", 1), ("returned_hand", 1), ("letter", 1),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Transaction:
    """One envelope in a file: its number there, its pages, and the truth about it."""

    number: int
    item: MailItem
    documents: tuple[dict[str, Any], ...]
    blank_pages: tuple[int, ...]

    def truth(self) -> dict[str, Any]:
        """The transaction as it stands in ``truth.json``."""
        item = self.item
        return {
            "transaction": self.number,
            "mail_item": item.name,
            "scenario": item.scenario,
            "outcome": item.outcome,
            "amount_cents": item.amount_cents,
            "accounts": list(item.accounts),
            "allocations": [
                {
                    "account_number": a.account_number,
                    "statement_number": a.statement_number,
                    "claim_number": a.claim_number,
                    "amount_cents": a.amount_cents,
                }
                for a in item.allocations
            ],
            "documents": list(self.documents),
            "blank_pages": list(self.blank_pages),
            "notes": item.notes,
        }


@dataclass(frozen=True, slots=True)
class BagFile:
    """One file to upload: ``data`` are its bytes, ``pages`` how many it has."""

    name: str
    office_code: str
    media: Media
    data: bytes
    pages: int
    transactions: tuple[Transaction, ...]
    separator_pages: tuple[int, ...] = ()

    def truth(self) -> dict[str, Any]:
        """The file as it stands in ``truth.json``."""
        return {
            "file": self.name,
            "office_code": self.office_code,
            "media": self.media,
            "pages": self.pages,
            "separator_pages": list(self.separator_pages),
            "transactions": [transaction.truth() for transaction in self.transactions],
        }


@dataclass(frozen=True, slots=True)
class Bag:
    """One office's mail of a day; ``items`` are its envelopes (and electronic remittances)."""

    seed: int
    office_code: str
    as_of: str
    files: tuple[BagFile, ...]

    @property
    def items(self) -> tuple[MailItem, ...]:
        """Every envelope of every file."""
        return tuple(t.item for file in self.files for t in file.transactions)

    def head(self) -> dict[str, Any]:
        """What ``truth.json`` says of all files together."""
        return {"seed": self.seed, "office_code": self.office_code, "as_of": self.as_of}

    def truth(self) -> dict[str, Any]:
        """What ``truth.json`` holds."""
        return {**self.head(), "files": [file.truth() for file in self.files]}


@dataclass(frozen=True, slots=True)
class BagManifest:
    """Where ``write_bag`` put the files, in the bag's order, with the office of each."""

    folder: Path
    files: tuple[tuple[Path, str], ...]
    truth: Path


def make_bag(group: Group, seed: int = 7, office_code: str = "NORTH") -> Bag:
    """A day's mail of one office: five kinds of files, the same bytes for a seed and day."""
    office = group.office(office_code)
    room = Mailroom(group, office, seed)
    files = (_pdf_file(room), _tiff_file(room), *loose_files(room))
    return Bag(seed, office_code, group.as_of.isoformat(), files)


def loose_files(room: Mailroom) -> tuple[BagFile, ...]:
    """What no feeder took: pictures of one sheet each, an insurer's download, an 835."""
    return (*_photo_files(room), _digital_file(room), _era_file(room))


def write_bag(bag: Bag, folder: Path) -> BagManifest:
    """Write the files and ``truth.json`` into ``folder``, which is made if need be."""
    return write_files(bag.files, folder, bag.head())


def write_files(files: Iterable[BagFile], folder: Path, head: dict[str, Any]) -> BagManifest:
    """Write files one after the other, and ``truth.json`` of ``head`` and of them."""
    folder.mkdir(parents=True, exist_ok=True)
    listed: list[tuple[Path, str]] = []
    told: list[dict[str, Any]] = []
    for file in files:
        path = folder / file.name
        path.write_bytes(file.data)
        listed.append((path, file.office_code))
        told.append(file.truth())
    truth = folder / "truth.json"
    truth.write_text(json.dumps({**head, "files": told}, indent=1) + "\n")
    return BagManifest(folder, tuple(listed), truth)


def _order(plan: Iterable[tuple[str, int]], rng: random.Random) -> list[str]:
    """The plan's scenarios in the order in which the envelopes lie in the bag."""
    scenarios = [name for name, count in plan for _ in range(count)]
    rng.shuffle(scenarios)
    return scenarios


class Feeder:
    """Collects encoded pages, separators between envelopes, and where everything lies."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.pages: list[EncodedPage] = []
        self.separators: list[int] = []
        self.transactions: list[Transaction] = []

    def separate(self, station: Station) -> None:
        """Feed a separator sheet (and its empty back)."""
        nonce = "".join(self.rng.choice("ABCDEFGHJKMNPQRSTVWXYZ23456789") for _ in range(8))
        look = random_look(self.rng, station.mode if station.mode != "color" else "gray")
        sheet = separator(station.dpi, nonce)
        self.separators.append(len(self.pages))
        self.pages.append(encode(scan(sheet, "separator", look, self.rng)))
        if station.duplex:
            back = replace(random_look(self.rng, station.mode), noise=2.0)
            empty = draw_blank(8.5, 11, station.dpi, self.rng)
            self.separators.append(len(self.pages))
            self.pages.append(encode(scan(empty, "blank", back, self.rng)))

    def feed(self, item: MailItem) -> None:
        """Feed an envelope's sheets."""
        documents: list[dict[str, Any]] = []
        blanks: list[int] = []
        for piece in item.pieces:
            at = len(self.pages)
            self.pages += [encode(page) for page in piece.pages]
            numbers = list(range(at, len(self.pages))) or [at - 1]
            if piece.kind == "blank":
                blanks += numbers
            elif documents and _continues(documents[-1], piece):
                documents[-1]["pages"] += numbers
                documents[-1]["page_kinds"] += [page.kind for page in piece.pages]
            else:
                documents.append(document_truth(piece, numbers))
        bare = tuple(replace(piece, pages=()) for piece in item.pieces)
        number = len(self.transactions)
        sealed = replace(item, pieces=bare)
        self.transactions.append(Transaction(number, sealed, tuple(documents), tuple(blanks)))

    def file(self, name: str, room: Mailroom, media: Media, data: bytes) -> BagFile:
        """The file of all that was fed."""
        return BagFile(name, room.office.code, media, data, len(self.pages),
                       tuple(self.transactions), tuple(self.separators))  # fmt: skip


def _continues(document: dict[str, Any], piece: Piece) -> bool:
    """Whether a sheet is the next page of the document before it (duplex parts them)."""
    return document["kind"] == piece.kind and document["fields"] is piece.truth


def document_truth(piece: Piece, pages: list[int]) -> dict[str, Any]:
    """A document as it stands in ``truth.json``; ``page_kinds`` tells check fronts from backs."""
    return {
        "kind": piece.kind,
        "pages": pages,
        "page_kinds": [page.kind for page in piece.pages] or [piece.kind] * len(pages),
        "region": list(piece.region) if piece.region else None,
        "accounts": list(piece.accounts),
        "fields": piece.truth,
    }


def _pdf_file(room: Mailroom) -> BagFile:
    """``bag-1.pdf``: simplex, every envelope at another setting of the scanner."""
    rng = random.Random(f"bag-1:{room.seed}")
    feeder = Feeder(rng)
    for number, scenario in enumerate(_order(_PDF_PLAN, rng), start=1):
        modes: tuple[Mode, ...] = ("color", "gray", "gray", "bitonal")
        letter = scenario in {"insurance", "insurance_long", "letter", "blank"}
        dpi = 200 if letter else rng.choice((200, 300))
        mode = "gray" if scenario == "unreadable" else rng.choice(modes)
        if number > 1:
            feeder.separate(Station(200, "bitonal" if rng.random() < 0.6 else "gray"))
        feeder.feed(room.item(f"P{number:03d}", scenario, Station(dpi, mode)))
    return feeder.file("bag-1.pdf", room, "scanned_pdf", write_pdf(feeder.pages))


def _tiff_file(room: Mailroom) -> BagFile:
    """``bag-2.tif``: duplex, 200 dpi G4; one check is in it twice."""
    rng = random.Random(f"bag-2:{room.seed}")
    station = Station(200, "bitonal", duplex=True)
    feeder = Feeder(rng)
    order = _order(_TIFF_PLAN, rng)
    feeder.separate(station)
    for number, scenario in enumerate(order, start=1):
        feeder.feed(room.item(f"T{number:03d}", scenario, station))
        feeder.separate(station)
    twin = f"T{order.index('memo_only') + 1:03d}"
    feeder.feed(room.item(f"T{len(order) + 1:03d}", "memo_only", station, twin=twin))
    return feeder.file("bag-2.tif", room, "tiff", write_tiff(feeder.pages))


def _photo_files(room: Mailroom) -> list[BagFile]:
    """Telephone photographs: two checks and a returned envelope; three checks on a flatbed."""
    flat = Feeder(random.Random(f"flatbed:{room.seed}"))
    flat.feed(room.item("F001", "flatbed", Station(200, "gray")))
    files = [flat.file("flatbed-1.jpg", room, "jpeg", flat.pages[0].data)]
    for number, scenario in enumerate(("memo_only", "name_only", "returned_label"), start=1):
        feeder = Feeder(random.Random(f"photo:{room.seed}:{number}"))
        feeder.feed(room.item(f"J{number:03d}", scenario, Station(300, "color", phone=True)))
        data = feeder.pages[0].data
        files.append(feeder.file(f"photo-{number}.jpg", room, "jpeg", data))
    return files


def _transfer(room: Mailroom, label: str, place: int, back: int = 0) -> Remittance:
    """A remittance paid by bank transfer, from one of the insurers that fit the office."""
    rng = random.Random(f"{label}:{room.seed}")
    fitting = fitting_insurers(room.group, room.office)
    return make_remittance(room.group, fitting[place % len(fitting)], room.office, rng,
                           method="ACH", claims=3, provider_adjustment=back)  # fmt: skip


def _remittance_item(name: str, scenario: str, remittance: Remittance) -> MailItem:
    accounts = tuple(claim.account.account_number for claim in remittance.claims)
    paid = remittance.allocations()
    piece = Piece("remittance", (), remittance.truth(), accounts, paid)
    return MailItem(name, scenario, remittance.office.code, "match", (piece,), paid,
                    remittance.total_paid_cents)  # fmt: skip


def _digital_file(room: Mailroom) -> BagFile:
    """``eob-digital.pdf``: an insurer's portal download with a text layer, paid by transfer."""
    remittance = _transfer(room, "digital", place=-3)
    data = remittance_pdf((remittance,))
    count = len(render_pdf(data, 36))
    item = _remittance_item("D001", "eob_digital", remittance)
    document = document_truth(item.pieces[0], list(range(count)))
    return BagFile("eob-digital.pdf", room.office.code, "digital_pdf", data, count,
                   (Transaction(0, item, (document,), ()),))  # fmt: skip


def _era_file(room: Mailroom) -> BagFile:
    """``remittance.835``: an electronic remittance with money kept back."""
    remittance = _transfer(room, "era", place=-2, back=1500)
    bank = next(b for b in room.group.bank_accounts if b.code == room.office.bank_account)
    item = _remittance_item("D002", "era", remittance)
    document = document_truth(item.pieces[0], [])
    data = era_text(remittance, bank).encode("ascii")
    return BagFile("remittance.835", room.office.code, "x12_835", data, 0,
                   (Transaction(0, item, (document,), ()),))  # fmt: skip
