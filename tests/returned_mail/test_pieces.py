"""A returned barcode names the piece that we mailed, half covered too; a foreign one names none."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.importing import import_accounts, import_statements
from ocr import imb, imb_finder, imb_soft
from records.db import Database
from records.models import MailedPiece, Office
from returned_mail import mailed_blocks, pieces
from tests.ocr.test_imb_finder import envelope
from tests.world import add_office

MAILER = "900123456"
ACCOUNTS = "account_number,office_code,patient_first,patient_last,patient_birth_on,\
guarantor_first,guarantor_last,street,city,state,zip,member_id,household\n"
STATEMENTS = (
    "statement_number,account_number,statement_on,due_on,balance,minimum_due,mailed_on,imb\n"
)
MAILING = "statement_number,account_number,mailed_on,imb,address_version,vendor\n"


def digits(serial: int, mailer: str = MAILER) -> str:
    return f"00270{mailer}{serial:06d}97201123456"


def shown(code: str, first: int, last: int, *, placed: int | None = None) -> list[int]:
    """The bars ``first`` to ``last`` as a page shows them, from the left end if not told."""
    bars = imb.encode(code[:20], code[20:])
    seen = np.array([[2.0 if b in "DF" else -2.0, 2.0 if b in "AF" else -2.0] for b in bars])
    held = np.zeros((65, 2))
    start = first if placed is None else placed
    held[start : start + last - first] = seen[first:last]
    return list(imb_soft.kept(held))


@pytest.fixture
def office(db: Database) -> str:
    """An office with forty statements, mailed by the print vendor's file on one day."""
    with db.write() as session:
        made = add_office(session)
        code = session.get_one(Office, made.id).code
        accounts = ACCOUNTS + "".join(
            f"10000{n:02d},{code},Ann,Fry,,Ann,Fry,{n} Elm St,Spokane,WA,99201,,\n"
            for n in range(40)
        )
        assert not import_accounts(session, accounts, "user:ada").refused
        statements = STATEMENTS + "".join(
            f"S{n:02d},10000{n:02d},2026-08-01,,10.00,,,\n" for n in range(40)
        )
        assert not import_statements(session, statements, "user:ada").refused
        report = import_statements(session, mailing(), "user:ada")
        assert (report.kind, report.added, report.refused) == ("mailing", 40, ())
        return made.id


def mailing(day: str = "2026-08-03", first: int = 100) -> str:
    return MAILING + "".join(
        f"S{n:02d},10000{n:02d},{day},{digits(first + n)},1,Acme Print\n" for n in range(40)
    )


def statement_of(session: Session, code: str) -> str:
    return session.scalars(select(MailedPiece).where(MailedPiece.imb == code)).one().statement_id


@pytest.mark.parametrize(
    ("first", "last", "placed"), [(0, 33, None), (32, 65, 0), (0, 24, None), (41, 65, 3)]
)
def test_half_a_barcode_names_its_statement(
    db: Database, office: str, tmp_path: Path, first: int, last: int, placed: int | None
) -> None:
    with db.read() as session:
        soft = shown(digits(117), first, last, placed=placed)
        for row in (soft, soft[::-1]):
            found = pieces.piece_by_barcode(session, [row], "", office, folder=tmp_path)
            assert found is not None
            assert found.statement_id == statement_of(session, digits(117))
            assert (found.how, found.mailed_on) == ("ledger", date(2026, 8, 3))
            assert found.address_version_id is not None


def test_a_decoded_barcode_names_its_statement(db: Database, office: str) -> None:
    with db.read() as session:
        found = pieces.piece_by_barcode(session, [], digits(105), office)
        assert found is not None
        assert (found.how, found.imb) == ("decoded", digits(105))
        assert pieces.piece_by_barcode(session, [], digits(999), office) is None


def test_a_foreign_barcode_names_nothing(db: Database, office: str, tmp_path: Path) -> None:
    with db.read() as session:
        for code in (digits(200), digits(105, "900654321"), digits(105, "901123456")):
            for first, last in ((0, 65), (0, 33), (30, 65)):
                soft = shown(code, first, last)
                assert pieces.piece_by_barcode(session, [soft], "", office, folder=tmp_path) is None


def test_too_few_bars_name_nothing(db: Database, office: str, tmp_path: Path) -> None:
    with db.read() as session:
        soft = shown(digits(117), 0, 9)
        assert pieces.piece_by_barcode(session, [soft], "", office, folder=tmp_path) is None


def test_other_offices_are_told_nothing(db: Database, office: str, tmp_path: Path) -> None:
    with db.write() as session:
        other = add_office(session, "WEST").id
        soft = shown(digits(117), 0, 33)
        assert pieces.piece_by_barcode(session, [soft], "", other, folder=tmp_path) is None
        assert pieces.piece_by_barcode(session, [], digits(117), other) is None


def test_of_two_mailings_with_one_code_the_day_decides(db: Database, office: str) -> None:
    with db.write() as session:
        again = import_statements(session, mailing("2027-02-01"), "user:ada")
        assert (again.added, again.refused) == (40, ())
        code = digits(110)
        assert pieces.piece_by_barcode(session, [], code, office) is None
        for seen_on, mailed_on in (
            (date(2026, 8, 20), date(2026, 8, 3)),
            (date(2027, 2, 14), date(2027, 2, 1)),
        ):
            found = pieces.piece_by_barcode(session, [], code, office, seen_on=seen_on)
            assert found is not None
            assert found.mailed_on == mailed_on


def test_of_two_mailings_close_together_a_person_decides(db: Database, office: str) -> None:
    with db.write() as session:
        import_statements(session, mailing("2026-09-20"), "user:ada")
        seen_on = date(2026, 10, 1)
        assert pieces.piece_by_barcode(session, [], digits(110), office, seen_on=seen_on) is None


def test_blocks_are_made_again_from_the_table(db: Database, office: str, tmp_path: Path) -> None:
    with db.write() as session:
        held = mailed_blocks.blocks(session, tmp_path)
        assert [(each.mailer_id, each.month, each.words.shape) for each in held] == [
            (MAILER, "2026-08", (3, 40))
        ]
        assert not mailed_blocks.stale(session, tmp_path)
        place = next(tmp_path.glob("*.imb"))
        whole = place.read_bytes()
        place.write_bytes(whole[:-7])  # torn
        assert len(mailed_blocks.stale(session, tmp_path)) == 1
        mailed_blocks.blocks(session, tmp_path)
        assert place.read_bytes() == whole
        place.unlink()
        assert mailed_blocks.rebuild(session, tmp_path) == (1, 40)
        assert place.read_bytes() == whole
        import_statements(session, mailing("2026-08-04", first=500), "user:ada")
        assert len(mailed_blocks.stale(session, tmp_path)) == 1  # behind
        assert mailed_blocks.blocks(session, tmp_path)[0].words.shape == (3, 80)
        left = [path.name for path in tmp_path.iterdir() if path.is_file()]
        assert left == [f"{MAILER}-2026-08.imb"]


def test_the_same_file_again_changes_nothing(db: Database, office: str) -> None:
    with db.write() as session:
        again = import_statements(session, mailing(), "user:ada")
        assert (again.added, again.changed, again.unchanged, again.refused) == (0, 0, 40, ())


def test_bad_rows_are_refused_with_the_reason_and_the_rest_goes_in(
    db: Database, office: str
) -> None:
    bars = imb.encode(digits(300)[:20], digits(300)[20:])
    rows = [
        f"S01,1000001,2026-09-01,{bars},1,",  # good, in bars
        f"S02,1000002,2026-09-01,{bars.replace('T', 'F', 1)},1,",
        f"S03,1000003,2026-09-01,{digits(100)},1,",  # S00's of August
        f"S99,1000003,2026-09-01,{digits(301)},1,",
        f"S03,1000004,2026-09-01,{digits(302)},1,",
        f"S05,1000005,2026-09-01,{digits(303)},7,",
        f"S06,1000006,,{digits(304)},1,",
        "S07,1000007,2026-09-01,0927,1,",
    ]
    with db.write() as session:
        report = import_statements(session, MAILING + "\n".join(rows) + "\n", "user:ada")
        assert report.added == 1
        assert [(line, column) for line, column, _ in report.refused] == [
            (3, "imb"), (4, "imb"), (5, "statement_number"), (6, "account_number"),
            (7, "address_version"), (8, "mailed_on"), (9, "imb"),
        ]  # fmt: skip
        assert statement_of(session, digits(300))


def test_an_address_printed_finds_its_version_or_is_kept(db: Database, office: str) -> None:
    header = "statement_number,account_number,mailed_on,imb,street,city,state,zip\n"
    rows = (
        f"S01,1000001,2026-09-01,{digits(400)},1 ELM STREET,SPOKANE,WA,99201-1234\n"
        f"S02,1000002,2026-09-01,{digits(401)},77 Oak Ave,Spokane,WA,99202\n"
    )
    with db.write() as session:
        assert import_statements(session, header + rows, "user:ada").added == 2
        first, other = (
            session.scalars(select(MailedPiece).where(MailedPiece.imb == digits(n))).one()
            for n in (400, 401)
        )
        assert first.address_version is not None
        assert first.address_version.street == "1 Elm St"
        assert other.address_version_id is None
        assert other.mailed_to["street"] == "77 Oak Ave"


def test_statements_imported_with_barcode_and_mail_date_are_pieces(
    db: Database, office: str
) -> None:
    row = f"S50,1000001,2026-09-01,,10.00,,2026-09-02,{digits(450)}\n"
    with db.write() as session:
        assert not import_statements(session, STATEMENTS + row, "user:ada").refused
        found = pieces.piece_by_barcode(session, [], digits(450), office)
        assert found is not None
        assert not import_statements(session, STATEMENTS + row, "user:ada").refused


def test_a_dry_run_enters_nothing(db: Database, office: str) -> None:
    with db.write() as session:
        report = import_statements(session, mailing("2027-05-01", 600), "user:ada", dry_run=True)
        assert report.added == 40
        assert not session.scalars(select(MailedPiece).where(MailedPiece.imb == digits(600))).all()


@pytest.mark.parametrize("side", ["left", "right", "middle"])
def test_an_envelope_with_a_label_over_half_its_barcode_names_its_statement(
    db: Database, office: str, tmp_path: Path, side: str
) -> None:
    page = envelope(imb.encode(digits(121)[:20], digits(121)[20:]), 200)
    first, last = {"left": (0.0, 0.5), "right": (0.5, 1.0), "middle": (0.25, 0.7)}[side]
    left = 4.7 * 200
    page[400:520, int(left + first * 595) : int(left + last * 595)] = 225
    sight = imb_finder.look(page, 200)
    assert sight.found is None
    with db.read() as session:
        rows = [run.bits for run in sight.runs]
        found = pieces.piece_by_barcode(session, rows, "", office, folder=tmp_path)
        assert found is not None
        assert found.statement_id == statement_of(session, digits(121))


def test_blocks_of_another_database_are_made_again(
    db: Database, office: str, tmp_path: Path
) -> None:
    with db.read() as session:
        mailed_blocks.blocks(session, tmp_path)
        place = next(tmp_path.glob("*.imb"))
        place.write_bytes(place.read_bytes()[: -16 * 40] + b"\x07" * (16 * 40))  # other ids
        soft = shown(digits(117), 0, 33)
        found = pieces.piece_by_barcode(session, [soft], "", office, folder=tmp_path)
        assert found is not None
        assert found.statement_id == statement_of(session, digits(117))


def test_of_two_mailings_with_one_code_the_day_decides_by_bars_too(
    db: Database, office: str, tmp_path: Path
) -> None:
    """A serial comes again after 45 days: half its bars name both pieces, the scan's day one."""
    with db.write() as session:
        assert import_statements(session, mailing("2027-02-01"), "user:ada").added == 40
        rows = [shown(digits(110), 0, 40)]
        for seen_on, mailed_on in (
            (date(2026, 8, 20), date(2026, 8, 3)),
            (date(2027, 2, 14), date(2027, 2, 1)),
            (date(2026, 8, 1), None),
            (None, None),
        ):
            found = pieces.piece_by_barcode(
                session, rows, "", office, seen_on=seen_on, folder=tmp_path
            )
            assert (found.mailed_on if found else None) == mailed_on


def test_a_labels_own_barcode_does_not_hide_the_bars_of_ours(
    db: Database, office: str, tmp_path: Path
) -> None:
    label = digits(5, "900654321")
    rows = [shown(label, 0, 65), shown(digits(117), 0, 33)]
    with db.read() as session:
        found = pieces.piece_by_barcode(session, rows, label, office, folder=tmp_path)
        assert found is not None
        assert found.statement_id == statement_of(session, digits(117))
        assert pieces.piece_by_barcode(session, rows[:1], label, office, folder=tmp_path) is None


def test_bars_of_two_pieces_of_ours_name_neither(db: Database, office: str, tmp_path: Path) -> None:
    rows = [shown(digits(116), 0, 65), shown(digits(117), 0, 65)]
    with db.read() as session:
        assert pieces.piece_by_barcode(session, rows, "", office, folder=tmp_path) is None


def test_a_code_read_whole_is_never_taken_for_the_piece_next_to_it(
    db: Database, office: str, tmp_path: Path
) -> None:
    with db.read() as session:
        for serial in (99, 140, 141):
            code = digits(serial)  # one before the first piece mailed, and after the last
            rows = [shown(code, 0, 65)]
            assert pieces.piece_by_barcode(session, rows, code, office, folder=tmp_path) is None
