"""The bag: more than sixty envelopes, the same bytes for a seed, every file readable, one truth."""

from __future__ import annotations

import io
import json
import os
import pickle
import subprocess
import sys
from datetime import UTC, datetime, time
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from ocr import era835
from tests.inputs import sample
from tests.ocr.era_judges import judged
from web.demo.bag import Bag, BagFile, loose_files, make_bag, write_bag
from web.demo.group import AS_OF, make_group
from web.demo.mailroom import Mailroom

PAID = {"match", "postdated", "amount_mismatch", "unsigned"}


# Run in another process, with sets in another order: the command, and the bag that it drew.
_COMMAND = """
import pickle, sys
from datetime import datetime
from pathlib import Path
from records import clock
from web import cli
from web.demo import bag

drawn, make_bag = [], bag.make_bag
bag.make_bag = lambda *told: drawn.append(make_bag(*told)) or drawn[0]
with clock.frozen(datetime.fromisoformat(sys.argv[1])):
    status = cli.run(["demo", "--json"])
Path(sys.argv[2]).write_bytes(pickle.dumps(drawn[0]))
sys.exit(status)
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bag, Path]:
    """The bag that the command drew, and the folder it laid it in."""
    noon = datetime.combine(AS_OF, time(12), tzinfo=UTC)
    data = tmp_path_factory.mktemp("demo")
    kept = tmp_path_factory.mktemp("kept") / "bag"
    told = subprocess.run(
        [sys.executable, "-c", _COMMAND, noon.isoformat(), str(kept)],
        env={**os.environ, "PYTHONHASHSEED": "17", "LOCKBOX_DATA_DIR": str(data)},
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
    )  # fmt: skip
    folder = Path(json.loads(told.stdout)["bag"])
    assert folder.is_relative_to(data)
    drawn: Bag = pickle.loads(kept.read_bytes())
    return drawn, folder


@pytest.fixture(scope="module")
def bag(demo: tuple[Bag, Path]) -> Bag:
    return demo[0]


def test_the_command_lays_its_bag_in_a_folder(demo: tuple[Bag, Path]) -> None:
    bag, folder = demo
    assert {path.name for path in folder.iterdir()} == {
        "truth.json", "ticket.json", *(file.name for file in bag.files)
    }  # fmt: skip
    for file in bag.files:
        assert (folder / file.name).read_bytes() == file.data, file.name
    assert json.loads((folder / "truth.json").read_text()) == json.loads(json.dumps(bag.truth()))


def test_the_same_bytes_are_drawn_in_another_process(bag: Bag) -> None:
    """Of the pictures and downloads; `make torture` draws the long scans again as well."""
    group = make_group(7)
    # Drawn alone they pay the same statements: nothing of the scans lies in their way.
    again = sample(loose_files, torture=_whole)(Mailroom(group, group.office("NORTH"), 7))
    drawn = {file.name: file for file in bag.files}
    assert len(again) == sample(len(drawn) - 2, torture=len(drawn))
    for file in again:
        assert drawn[file.name].data == file.data, file.name
        assert json.dumps(drawn[file.name].truth()) == json.dumps(file.truth()), file.name


def _whole(room: Mailroom) -> tuple[BagFile, ...]:
    return make_bag(room.group, room.seed, room.office.code).files


def test_it_holds_more_than_sixty_envelopes_of_all_kinds(bag: Bag) -> None:
    assert len(bag.items) >= 60
    assert len({item.name for item in bag.items}) == len(bag.items)
    outcomes = [item.outcome for item in bag.items]
    payments = [o for o in outcomes if o not in {"returned_mail", "correspondence", "blank"}]
    assert len(payments) >= 50
    assert {
        "match", "duplicate", "misdirected", "unsigned", "postdated", "amount_mismatch",
        "unidentified", "unreadable", "returned_mail", "correspondence", "blank",
    } == set(outcomes)  # fmt: skip


def test_allocations_sum_to_the_money_and_name_real_statements(bag: Bag) -> None:
    group = make_group(7)
    balances = {s.statement_number: s.balance_cents for s in group.statements}
    used: list[str] = []
    for item in bag.items:
        if item.outcome not in PAID:
            assert item.allocations == ()
            continue
        kept_back = sum(
            adjustment["amount_cents"]
            for piece in item.pieces
            for adjustment in piece.truth.get("provider_adjustments", [])
        )
        assert sum(a.amount_cents for a in item.allocations) - kept_back == item.amount_cents
        checks = [piece.truth for piece in item.pieces if piece.kind == "check"]
        if checks:
            assert sum(c["legal_amount_cents"] for c in checks) == item.amount_cents
        for a in item.allocations:
            assert group.account(a.account_number).office_code == bag.office_code
            if a.statement_number:
                used.append(a.statement_number)
                assert 0 < a.amount_cents <= balances[a.statement_number]
    assert len(set(used)) == len(used)


def test_every_page_is_accounted_for_once(bag: Bag) -> None:
    for file in bag.files:
        listed = list(file.separator_pages)
        for transaction in file.transactions:
            listed += transaction.blank_pages
            shared: set[int] = set()
            for document in transaction.documents:
                assert len(document["pages"]) == len(document["page_kinds"])
                own = set(document["pages"])
                assert document["region"] or not own & shared
                shared |= own
            listed += sorted(shared)
        assert sorted(listed) == list(range(file.pages))
        assert [t.number for t in file.transactions] == list(range(len(file.transactions)))


def test_the_pdf_opens_with_pages_of_their_real_size(bag: Bag) -> None:
    file = bag.files[0]
    document = pypdfium2.PdfDocument(file.data)
    assert len(document) == file.pages
    separator = file.separator_pages[0]
    width, height = document[separator].get_size()
    assert abs(width / 72 - 8.5) < 0.4
    assert abs(height / 72 - 11) < 0.4
    for index in (separator, file.separator_pages[-1]):
        pixels = document[index].render(scale=1.5).to_numpy()
        texts = {b.text for b in zxingcpp.read_barcodes(np.ascontiguousarray(pixels))}
        assert any(text.startswith("LOCKBOX-SEP*1*") for text in texts)
    check = next(d for t in file.transactions for d in t.documents if d["kind"] == "check")
    assert 5.9 < document[check["pages"][0]].get_size()[0] / 72 < 9.0
    document.close()


def test_the_tiff_is_duplex_g4_and_every_frame_decodes(bag: Bag) -> None:
    file = bag.files[1]
    with Image.open(io.BytesIO(file.data)) as image:
        assert image.n_frames == file.pages
        for frame in range(file.pages):
            image.seek(frame)
            assert image.mode == "1"
            assert round(image.info["dpi"][0]) == 200
            mean = np.asarray(image.convert("L")).mean()
            assert mean > 180  # white paper, whatever the polarity in the file
    kinds = [d["page_kinds"] for t in file.transactions for d in t.documents]
    assert ["check", "check_back"] in kinds
    assert all(transaction.blank_pages for transaction in file.transactions
               if any(d["kind"] == "coupon" for d in transaction.documents))  # fmt: skip


def test_the_duplicate_is_the_same_check_with_other_noise(bag: Bag) -> None:
    copy = next(item for item in bag.items if item.outcome == "duplicate")
    first = next(item for item in bag.items if item.name == copy.notes["duplicate_of"])
    assert copy.pieces[0].truth == first.pieces[0].truth
    file = bag.files[1]
    places = {t.item.name: t.documents[0]["pages"][0] for t in file.transactions}
    with Image.open(io.BytesIO(file.data)) as image:
        pictures = []
        for name in (first.name, copy.name):
            image.seek(places[name])
            pictures.append(np.asarray(image.convert("L")))
    one, two = pictures
    assert one.shape != two.shape or not np.array_equal(one, two)


def test_photographs_and_the_digital_remittance_decode(bag: Bag) -> None:
    for file in bag.files:
        if file.media == "jpeg":
            with Image.open(io.BytesIO(file.data)) as image:
                assert image.format == "JPEG"
                assert image.mode == ("L" if file.name.startswith("flatbed") else "RGB")
        if file.media == "digital_pdf":
            document = pypdfium2.PdfDocument(file.data)
            text = document[0].get_textpage().get_text_range()
            document.close()
            assert file.transactions[0].documents[0]["fields"]["payment_number"] in text


def test_three_checks_lie_apart_on_the_flatbed_page(bag: Bag) -> None:
    file = next(f for f in bag.files if f.name == "flatbed-1.jpg")
    (transaction,) = file.transactions
    regions = [document["region"] for document in transaction.documents]
    assert len(regions) == 3
    with Image.open(io.BytesIO(file.data)) as image:
        width, height = image.size
    bottom = 0
    for x, y, wide, high in regions:
        assert x >= 0
        assert y >= bottom
        assert x + wide <= width
        bottom = y + high
    assert bottom <= height


def test_the_electronic_remittance_balances(bag: Bag) -> None:
    file = next(f for f in bag.files if f.media == "x12_835")
    assert era835.check(file.data.decode()) == []
    assert judged(file.data) == []


def test_writing_the_bag_leaves_files_and_truth(bag: Bag, tmp_path: Path) -> None:
    manifest = write_bag(bag, tmp_path / "bag")
    assert [path.name for path, _ in manifest.files] == [file.name for file in bag.files]
    for (path, office), file in zip(manifest.files, bag.files, strict=True):
        assert path.read_bytes() == file.data
        assert office == bag.office_code
    assert json.loads(manifest.truth.read_text()) == json.loads(json.dumps(bag.truth()))
