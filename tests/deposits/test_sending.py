"""An approved deposit becomes a cash letter whose images are the scans and whose sums its own."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from sqlalchemy.orm import Session

from bench import deposit_proof
from bench.checks.cases import Case, cases
from deposits import bank_setup, batch, icl, imaging, sending
from deposits.icl.group4 import to_ink
from deposits.icl.limits import LIMITS
from deposits.icl.tiff import placed_strip
from intake import x9
from intake.pixels import encode_image
from intake.stored import StoredPage
from intake.types import Page
from ocr.check import read_check
from records import audit
from records.db import Database
from records.errors import Conflict, WrongUse
from records.files import FileStore
from records.installation import Installation
from records.models import BankAccount, CashLetter, CheckImage, Deposit, PageImage, Payment
from tests.deposits.build import DAY, Group, check, group

SEED = 6100


@pytest.fixture(scope="module")
def drawn() -> list[Case]:
    """Drawn checks with their backs, each another kind of capture."""
    found: dict[str, Case] = {}
    for case in cases(SEED, 14):
        if case.back is not None and case.truth["amount_cents"]:
            found.setdefault(case.capture, case)
    return list(found.values())


def _page(session: Session, store: FileStore, made: Group, page: Page, position: int) -> str:
    encoded = encode_image(page.pixels)
    row = PageImage(source_file_id=made.file_id, position=position,
                    image_sha256=store.put(encoded), media_type="image/png",
                    width=page.pixels.shape[1], height=page.pixels.shape[0],
                    dpi=page.dpi)  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def _enter(
    session: Session, store: FileStore, made: Group, case: Case, place: int, *, back: bool = True
) -> Payment:
    truth = case.truth
    payment = check(session, made, truth["amount_cents"], number=truth["check_number"])
    pages = [case.page, case.back] if back and case.back is not None else [case.page]
    payment.document.page_ids = [
        _page(session, store, made, page, 2 * place + side) for side, page in enumerate(pages)
    ]
    payment.sealed = {
        name: truth[name] for name in ("routing_number", "check_number", "account_number")
    }
    session.flush()
    return payment


def _deposit(
    session: Session, store: FileStore, drawn: Sequence[Case], *, back: bool = True
) -> Deposit:
    made = group(session)
    account = session.get_one(BankAccount, made.bank_account_id)
    said = {"profile": "pnc_2010", "origin_name": "Maple Dental", "test": True}
    bank_setup.set_up(session, account, said, "user:adam")
    payments = [_enter(session, store, made, case, n, back=back) for n, case in enumerate(drawn)]
    ids = [payment.id for payment in payments]
    imaging.keep(session, imaging.work(imaging.papers(session, ids)))
    deposit = batch.open_deposit(session, account.id, DAY, "user:bill")
    batch.add(session, deposit.id, ids, "user:bill")
    total = sum(payment.amount_cents or 0 for payment in payments)
    batch.close(session, deposit.id, len(ids), total, "user:bill")
    batch.approve(session, deposit.id, "user:beth")
    return deposit


def _letter(session: Session, store: FileStore, deposit: Deposit) -> CashLetter:
    draft = sending.draft(session, deposit)
    return sending.keep(session, store, draft, sending.write(draft, store.get), "user:bill")


def _accept_all(session: Session, deposit: Deposit) -> None:
    for item in deposit.items:
        imaging.accept(session, item.payment_id, "user:bill")


def _images_are_the_scans(
    session: Session, store: FileStore, deposit: Deposit, drawn: list[Case], data: bytes
) -> None:
    looks = list(deposit_proof.looked_at(session, store, deposit, data))
    assert all(look.same_line and look.micr for look in looks)
    assert min(look.kept for look in looks) > 0.99
    for case, look in zip(drawn, looks, strict=True):
        # Of a desk around a photographed check the view keeps a frame, which is no ink of the scan.
        if case.capture != "photo":
            assert look.shown > 0.99
            assert look.back_kept is None or look.back_kept > 0.97


def test_the_letter_of_a_deposit_checks_clean_and_says_what_the_deposit_says(
    db: Database, installation: Installation, drawn: list[Case]
) -> None:
    store = installation.store
    with db.write() as session:
        deposit = _deposit(session, store, drawn)
        _accept_all(session, deposit)
        made = _letter(session, store, deposit)
        data = sending.file_of(store, made)
        assert _letter(session, store, deposit).id == made.id
        assert (made.item_count, made.total_cents) == (
            deposit.declared_count, deposit.declared_total_cents)  # fmt: skip
        assert audit.verify(session).ok
        _images_are_the_scans(session, store, deposit, drawn, data)
        sums = deposit_proof.sums(session, store, deposit, data)
        assert sums["agree"], sums
        assert sums["counts"]["slip"] == len(drawn)
    assert icl.check(io.BytesIO(data), icl.named("pnc_2010")) == []
    items = list(x9.read_items(x9.read_records(io.BytesIO(data))))
    checks = [item for item in items if item.kind == "check"]
    assert [int(item.detail.text("item_amount")) for item in checks] == [
        case.truth["amount_cents"] for case in drawn
    ]
    routing = [
        item.detail.text("payor_routing8") + item.detail.text("payor_check_digit")
        for item in checks
    ]
    assert routing == [case.truth["routing_number"] for case in drawn]


def test_the_views_show_what_the_scans_show(drawn: list[Case]) -> None:
    """Our own reader reads the same MICR line and amount from the bank's view as from the scan."""
    read, alike = 0, 0
    for case in drawn:
        made = _made(case)
        strip, width, height, dpi = placed_strip(made.front) or (b"", 0, 0, None)
        shown = np.where(to_ink(strip, width, height), 0, 255).astype(np.uint8)
        first, again = read_check(case.page), read_check(Page(0, shown, dpi))
        for name in ("micr_line", "amount_cents"):
            field = first[0].fields.get(name)
            if field is not None and field.confidence >= 0.9:
                read += 1
                seen = again[0].fields.get(name)
                alike += seen is not None and seen.value == field.value
    assert read >= len(drawn)
    assert alike >= read - 1


def _made(case: Case) -> imaging.Made:
    """The views, as the stage makes them from stored pages."""
    kept: dict[str, bytes] = {}
    pages = []
    for number, page in enumerate([case.page, case.back]):
        if page is not None:
            kept[str(number)] = encode_image(page.pixels)
            pages.append(StoredPage(str(number), number, str(number), "image/png",
                                            page.dpi, 0))  # fmt: skip
    return imaging.make(imaging.Paper("p", tuple(pages), None), kept.__getitem__)


def test_doubtful_images_stop_a_letter_until_somebody_accepts_them(
    db: Database, installation: Installation, drawn: list[Case]
) -> None:
    store = installation.store
    with db.write() as session:
        deposit = _deposit(session, store, drawn[:2])
        image = session.query(CheckImage).filter_by(payment_id=deposit.items[0].payment_id).one()
        image.suspects = [{"name": "spots", "side": "front", "found": 9.0, "limit": 6.0}]
        session.flush()
        with pytest.raises(Conflict) as refused:
            _letter(session, store, deposit)
        assert refused.value.code == "images_suspect"
        _accept_all(session, deposit)
        _letter(session, store, deposit)
        assert image.accepted_by == "user:bill"


def test_a_bank_with_narrower_limits_doubts_an_image_that_others_take(
    db: Database, installation: Installation, drawn: list[Case]
) -> None:
    narrow = "[images.limits]\nmost_width = 5.0\n"
    with db.write() as session:
        made = group(session)
        account = session.get_one(BankAccount, made.bank_account_id)
        payment = _enter(session, installation.store, made, drawn[0], 0)
        (usual,) = imaging.work(imaging.papers(session, [payment.id]))
        assert not usual.suspects
        said = {"profile": "narrow", "profile_text": narrow, "test": True}
        bank_setup.set_up(session, account, said, "user:adam")
        (doubted,) = imaging.work(imaging.papers(session, [payment.id]))
        assert [(e["name"], e["limit"]) for e in doubted.suspects] == [("above_maximum_size", 5.0)]
        imaging.keep(session, [doubted])
        deposit = batch.open_deposit(session, account.id, DAY, "user:bill")
        batch.add(session, deposit.id, [payment.id], "user:bill")
        batch.close(session, deposit.id, 1, payment.amount_cents or 0, "user:bill")
        batch.approve(session, deposit.id, "user:beth")
        with pytest.raises(Conflict) as refused:
            sending.draft(session, deposit)
        assert refused.value.code == "images_suspect"
        account.deposit_settings = {"profile": "of no bank"}  # a profile that is gone
        assert bank_setup.limits_of(account) == LIMITS


def test_a_check_without_its_back_waits_for_one_unless_the_bank_takes_a_white_one(
    db: Database, installation: Installation, drawn: list[Case]
) -> None:
    with db.write() as session:
        deposit = _deposit(session, installation.store, drawn[:1], back=False)
        _accept_all(session, deposit)
        with pytest.raises(Conflict) as refused:
            _letter(session, installation.store, deposit)
        assert refused.value.code == "back_missing"


def test_what_a_letter_would_lack_is_told_while_a_check_can_still_come_out(
    db: Database, installation: Installation, drawn: list[Case]
) -> None:
    with db.write() as session:
        made = group(session)
        account = session.get_one(BankAccount, made.bank_account_id)
        payment = _enter(session, installation.store, made, drawn[0], 0)
        deposit = batch.open_deposit(session, account.id, DAY, "user:bill")
        payment.sealed = {"routing_number": "021000021"}
        batch.add(session, deposit.id, [payment.id], "user:bill")
        sending.require_sendable(session, deposit)  # it is carried
        bank_setup.set_up(session, account, {"profile": "pnc_2010"}, "user:adam")
        with pytest.raises(WrongUse) as unread:
            sending.require_sendable(session, deposit)
        assert unread.value.code == "micr_incomplete"
        batch.remove(session, deposit.id, payment.id, "user:bill")
        payment.sealed = {"routing_number": "021000021", "account_number": "12345"}
        batch.add(session, deposit.id, [payment.id], "user:bill")
        sending.require_sendable(session, deposit)
        session.add(CheckImage(payment_id=payment.id, problem=imaging.UNREADABLE))
        with pytest.raises(Conflict) as unseen:
            sending.require_sendable(session, deposit)
        assert unseen.value.code == "image_not_made"


def test_numbers_of_letters_rise_and_only_an_approved_deposit_has_one(
    db: Database, installation: Installation, drawn: list[Case]
) -> None:
    store = installation.store
    with db.write() as session:
        first = _deposit(session, store, drawn[:1])
        _accept_all(session, first)
        one = _letter(session, store, first)
        bank = first.bank_account_id
        empty = batch.open_deposit(session, bank, date(2026, 11, 23), "user:bill")
        with pytest.raises(Conflict) as refused:
            _letter(session, store, empty)
        assert refused.value.code == "deposit_not_approved"
        assert one.number == 1


def test_an_account_is_set_up_by_known_names_alone(db: Database) -> None:
    with db.write() as session:
        account = session.get_one(BankAccount, group(session).bank_account_id)
        for values in ({"colour": "red"}, {"origin_routing": "12a"}, {"origin_routing": "²"}):
            with pytest.raises(WrongUse) as refused:
                bank_setup.set_up(session, account, values, "user:adam")
            assert refused.value.code == "wrong_setting"
        assert not bank_setup.settings_of(account).profile


def test_a_damaged_page_is_a_problem_of_its_own_check_alone(drawn: list[Case]) -> None:
    page = StoredPage("x", 0, "x", "image/png", None, 0)
    made = imaging.make(imaging.Paper("p", (page,), None), lambda _: b"no image")
    assert (made.problem, made.front) == (imaging.UNREADABLE, b"")
    assert imaging.make(imaging.Paper("p", (), None), lambda _: b"").problem == imaging.NO_PAGE
    del drawn


@pytest.mark.both_databases
def test_two_people_who_write_a_letter_at_once_get_one_and_no_number_is_used_twice(
    db: Database, installation: Installation, drawn: list[Case]
) -> None:
    store = installation.store
    with db.write() as session:
        first = _deposit(session, store, drawn[:1])
        _accept_all(session, first)
        ids = [first.id]
    with db.read() as looking:
        drafts = [sending.draft(looking, looking.get_one(Deposit, ids[0])) for _ in range(2)]
    files = [sending.write(each, store.get) for each in drafts]
    kept: list[tuple[str, int]] = []

    def keep(number: int) -> None:
        with db.write() as session:
            row = sending.keep(session, store, drafts[number], files[number], f"user:{number}")
            kept.append((row.id, row.number))

    threads = [threading.Thread(target=keep, args=(number,)) for number in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(kept) == 2
    assert len(set(kept)) == 1
    with db.write() as session:
        bank = session.get_one(Deposit, ids[0]).bank_account_id
        other = batch.open_deposit(session, bank, date(2026, 11, 23), "user:bill")
        for number, code in ((1, "letter_number_taken"), (2, "deposit_not_approved")):
            late = replace(drafts[0], deposit_id=other.id, number=number)
            with pytest.raises(Conflict) as refused:
                sending.keep(session, store, late, files[0], "user:bill")
            assert refused.value.code == code


def test_a_check_that_no_bank_could_be_shown_is_named(
    db: Database, installation: Installation, drawn: list[Case]
) -> None:
    with db.write() as session:
        canadian = replace(drawn[1], truth={**drawn[1].truth, "routing_number": "12345-678"})
        deposit = _deposit(session, installation.store, [drawn[0], canadian])
        _accept_all(session, deposit)
        payment = session.get_one(Payment, deposit.items[1].payment_id)
        with pytest.raises(WrongUse) as refused:
            sending.draft(session, deposit)
        assert refused.value.code == "micr_incomplete"
        assert payment.ref in refused.value.message
        assert "12345-678" not in str(refused.value)
