"""Remittances in review: the list, the live balance, and a grid that is kept as a new reading."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select

from matching import promoting, rereading, review
from records.models import (
    AuditEvent,
    Document,
    PageImage,
    PayerLayout,
    ReadingRow,
    Remittance,
    ReviewItem,
)
from records.money import Money
from tests.matching import world
from tests.matching.test_remittance_keying import reading
from tests.ocr import laid_out
from tests.web.desk import Desk, open_desk

WHITE = cv2.imencode(".png", np.full((800, 1200), 255, np.uint8))[1].tobytes()
NUMBERS = iter(range(7000, 7999))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("remittances"))
    yield made
    made.installation.close()


def arrive(desk: Desk, **fields: Any) -> str:
    """A remittance that was read with doubt comes in by itself; its reference."""
    body = reading() | {"confidence": 0.99}
    number = str(next(NUMBERS))
    body["fields"]["payment_number"]["value"] = number
    body["fields"] |= fields
    desk.receive([body])
    with desk.installation.db.read() as session:
        query = select(Remittance.ref).where(Remittance.payment_number == number)
        return session.scalars(query).one()


def post(client: TestClient, ref: str, action: str, grid: dict[str, Any]) -> Response:
    """The grid sent as the page's script sends it."""
    accept = {"accept": "application/json"}
    answer: Response = client.post(f"/remittances/{ref}/{action}", json=grid, headers=accept)
    return answer


def sent(desk: Desk, ref: str) -> dict[str, Any]:
    """The grid as the page would send it back untouched."""
    page = desk.client("sam").get(f"/remittances/{ref}").text
    version = int(re.search(r'data-version="(\d+)"', page)[1])  # type: ignore[index]

    def texts(part: str) -> dict[str, str]:
        found = re.findall(r'data-cell="(\w+)"[^>]*? value="([^"]*)"', part)
        return dict(found)

    claims = []
    body = page.split("<template")[0]
    for number, claim in enumerate(body.split('<section class="claim"')[1:]):
        upper, _, totals = claim.partition("claim-totals")
        own, *lines = upper.split("<tr data-line")
        computed = re.search(r'data-computed="([^"]*)"', own)[1].split()  # type: ignore[index]
        totals = totals.split("</section>")[0]
        kept = {**texts(own), **texts(totals)}
        claims.append({
            "texts": {name: text for name, text in kept.items() if name not in computed},
            "origin": [number],
            "lines": [{"texts": texts(line), "origin": [number, at]}
                      for at, line in enumerate(lines)],
        })  # fmt: skip
    head = body.split("data-head>")[1].split("data-claims>")[0]
    return {"version": version, "head": {"texts": texts(head)}, "claims": claims}


def row(desk: Desk, ref: str) -> Remittance:
    with desk.installation.db.read() as session:
        return session.scalars(select(Remittance).where(Remittance.ref == ref)).one()


def readings(desk: Desk, ref: str) -> list[ReadingRow]:
    with desk.installation.db.read() as session:
        query = (
            select(ReadingRow)
            .join(Document)
            .join(Remittance, Remittance.document_id == Document.id)
        )
        return list(
            session.scalars(query.where(Remittance.ref == ref).order_by(ReadingRow.version))
        )


def checked(grid: dict[str, Any]) -> dict[str, Any]:
    """Every cell of the grid accepted as it stands."""
    made = deepcopy(grid)
    for part in (made["head"], *made["claims"], *(x for c in made["claims"] for x in c["lines"])):
        part["checked"] = list(part["texts"])
    return made


def test_the_list_shows_what_is_to_check_and_where_it_is_out(desk: Desk) -> None:
    ref = arrive(desk, total_paid_cents={**reading()["fields"]["total_paid_cents"],
                                         "value": 132_50})  # fmt: skip
    page = desk.client("sam").get("/remittances").text
    own = next(each for each in page.split("<tr>") if f"/remittances/{ref}" in each)
    assert "DELTA" in own
    assert "Out by $12.50 in the payment" in own
    assert "$132.50" in own
    assert "waiting" in own
    assert ref not in desk.client("erin").get("/remittances?show=all").text
    assert desk.client("erin").get(f"/remittances/{ref}").status_code == 404


def test_the_balance_is_told_as_it_would_be_kept(desk: Desk) -> None:
    ref = arrive(desk)
    grid = sent(desk, ref)
    sam = desk.client("sam")
    assert post(sam, ref, "balance", grid).json()["says"] == "Balanced"
    grid["claims"][0]["lines"][1]["texts"]["paid_cents"] = "52.50"
    found = post(sam, ref, "balance", grid).json()
    assert found["says"] == "Out by $12.50 in line 2, and in 1 more place"
    assert found["rows"] == {"claims.0.lines.1": "out by $12.50"}
    assert (found["claims"], found["difference"]) == ("$132.50", "-$12.50")
    assert found["sums"]["claims.0"]["paid_cents"] == "$132.50"
    grid["claims"][0]["lines"][1]["texts"]["paid_cents"] = "12,50"
    found = post(sam, ref, "balance", grid).json()
    assert list(found["wrong"]) == ["claims.0.lines.1.paid_cents"]
    assert "Type it as 12.50" in found["says"]
    assert post(sam, ref, "save", grid).json()["code"] == "wrong_cell"
    assert len(readings(desk, ref)) == 1


def test_a_checked_and_balanced_grid_is_read_and_the_next_one_comes(desk: Desk) -> None:
    first, second = arrive(desk), arrive(desk)
    grid = checked(sent(desk, first))
    sam = desk.client("sam")
    done = post(sam, first, "save", grid).json()
    assert (done["version"], done["read_state"], done["doubtful"]) == (2, "read", 0)
    assert done["next"] == second
    before, after = readings(desk, first)
    assert (before.made_by, after.made_by) == ("test", "user:sam")
    own = after.sealed["fields"]["claims"]["value"][0]["lines"][0]["evidence"]["paid_cents"]
    assert (own["source"], own["checked_by"]) == ("tesseract", "user:sam")
    assert row(desk, second).read_state == "to_check"
    assert f"/remittances/{first}" not in sam.get("/remittances").text
    assert f"/remittances/{first}" in sam.get("/remittances?show=all").text
    with desk.installation.db.read() as session:
        told = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "remittance.keyed")
        ).all()
        assert told[-1].detail["checked"] >= 2
        assert "DOE" not in json.dumps([each.detail for each in told])


def test_of_two_people_the_second_is_told_and_overwrites_nothing(desk: Desk) -> None:
    ref = arrive(desk)
    sams, sofias = sent(desk, ref), sent(desk, ref)
    sams["claims"][0]["texts"]["patient_name"] = "JANE ROE"
    sofias["claims"][0]["texts"]["patient_name"] = "JOAN DOE"
    assert post(desk.client("sam"), ref, "save", sams).status_code == 200
    refused = post(desk.client("sofia"), ref, "save", sofias)
    assert (refused.status_code, refused.json()["code"]) == (409, "reading_changed")
    assert "by sam" in refused.json()["message"]
    assert post(desk.client("sofia"), ref, "balance", sofias).status_code == 409
    kept = readings(desk, ref)[-1].sealed["fields"]["claims"]["value"][0]["patient_name"]
    assert kept == "JANE ROE"


def test_what_does_not_balance_is_read_only_with_a_reason(desk: Desk) -> None:
    ref = arrive(desk)
    grid = checked(sent(desk, ref))
    grid["claims"][0]["lines"][1]["texts"]["paid_cents"] = "52.50"
    sam = desk.client("sam")
    assert post(sam, ref, "save", grid).json()["read_state"] == "to_check"
    again = checked(sent(desk, ref)) | {"as_printed": "their sum is wrong"}
    done = post(sam, ref, "save", again).json()
    assert (done["read_state"], done["doubtful"]) == ("read", 0)
    assert 'value="their sum is wrong"' in sam.get(f"/remittances/{ref}").text


def test_only_those_who_work_there_key_it(desk: Desk) -> None:
    ref = arrive(desk)
    grid = sent(desk, ref)
    page = desk.client("audrey").get(f"/remittances/{ref}").text
    assert "readonly" in page
    assert "data-save" not in page
    for action in ("save", "balance"):
        answer = post(desk.client("audrey"), ref, action, grid)
        assert answer.status_code == 403
    wild = {**grid, "claims": [{"texts": {}, "origin": [7]}]}
    assert post(desk.client("sam"), ref, "balance", wild).status_code == 400


ROWS = [
    "Delta Dental of Ohio", "Explanation of Payment", "Check Number: 4410  Check Date: 10/09/2026",
    "Check Amount: $60.00", "",
    "Patient: JANE DOE  Member ID: M100299  Claim Number: C77",
    "Date         Code    Billed     Allowed    Deductible   Paid",
    "10/01/2026   D1110   100.00     80.00      20.00        60.00",
]  # fmt: skip


def of_page(desk: Desk, kind: str, rows: list[str]) -> str:
    """A document of one page of print comes in, read as ``kind``; its id."""
    with desk.installation.db.write() as session:
        file = world.add_file(session, [world.reading(kind)])
        document = file.transactions[0].documents[0]
        words = [[w.text, list(w.box), w.confidence] for w in laid_out.page_of(rows).words]
        page = PageImage(
            source_file_id=file.id, position=0, width=1200, height=800, dpi=100.0,
            image_sha256=desk.installation.store.put(WHITE), media_type="image/png",
            details={"words": words},
        )  # fmt: skip
        session.add(page)
        session.flush()
        document.page_ids = [page.id]
        world.register(session, file)
        return document.id


def test_a_letter_that_is_a_remittance_is_read_as_one_and_may_be_keyed(desk: Desk) -> None:
    document_id = of_page(desk, "unknown", ROWS)
    sam = desk.client("sam")
    with desk.installation.db.write() as session:
        item = session.scalars(
            select(ReviewItem).where(ReviewItem.document_id == document_id)
        ).one()
        ref = item.ref
    page = sam.get(f"/review/{ref}").text
    assert f"/review/{ref}/as-remittance" in page
    token = re.search(r'data-token="(\d+)"', page)[1]  # type: ignore[index]
    answer = sam.post(f"/review/{ref}/as-remittance", data={"token": token},
                      headers={"accept": "application/json"})  # fmt: skip
    assert answer.status_code == 200, answer.text
    made = answer.json()["remittance"]
    page = sam.get(f"/remittances/{made}").text
    assert 'value="M100299"' in page
    found = row(desk, made)
    assert (found.payment_number, found.amount_cents) == ("4410", 60_00)
    versions = readings(desk, made)
    assert [each.made_by.startswith("user:") for each in versions] == [False, True, False]
    assert [each.sealed["kind"] for each in versions] == ["unknown", "remittance", "remittance"]
    again = sam.post(f"/review/{ref}/as-remittance", data={"token": token})
    assert again.status_code == 409


def test_a_letter_nobody_can_read_is_keyed_from_nothing(desk: Desk) -> None:
    document_id = of_page(desk, "correspondence", ["Dear doctor, see below."])
    with desk.installation.db.write() as session:
        item = session.scalars(
            select(ReviewItem).where(ReviewItem.document_id == document_id)
        ).one()
        held = review.lease(session, item.id, "user:sam")
        made = promoting.as_remittance(session, item.id, "user:sam", held.lease_token).ref
    line = {"texts": {"charged_cents": "80", "adjustments": "45 20", "paid_cents": "60"}}
    grid = {"version": 2, "head": {"texts": {"payer_name": "Delta", "total_paid_cents": "60"}},
            "claims": [{"texts": {"patient_name": "Jane Doe"}, "lines": [line]}]}  # fmt: skip
    done = post(desk.client("sam"), made, "save", grid).json()
    assert done["read_state"] == "read"
    assert (row(desk, made).payer_name, row(desk, made).amount_cents) == ("Delta", 60_00)


def test_what_its_reader_doubts_is_read_once_a_person_saves_it(desk: Desk) -> None:
    said = [{"where": "all claims, coinsurance", "expected_cents": 209, "found_cents": 837}]
    old = reading()["fields"]
    doubted = {"balanced": {**old["balanced"], "value": False},
               "imbalances": {**old["imbalances"], "value": said}}  # fmt: skip
    ref = arrive(desk, **doubted)
    page = desk.client("sam").get(f"/remittances/{ref}").text
    assert "The printed sum of coinsurance is $8.37; the lines come to $2.09." in page
    grid = checked(sent(desk, ref))
    assert post(desk.client("sam"), ref, "save", grid).json()["read_state"] == "read"


DOUBTED = {"where": "claim 1, copay", "expected_cents": 60_00, "found_cents": 1489_40}


def sure_cells(ref_fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with every cell read surely and borne out by nobody."""
    made = deepcopy(ref_fields)
    for field in made.values():
        field["confidence"] = 0.999
    for claim in made["claims"]["value"]:
        for part in (claim, *claim["lines"]):
            for cell in part["evidence"].values():
                cell["confidence"] = 0.999
    return made


@pytest.mark.parametrize("said", [[DOUBTED], []])
def test_a_sum_its_reader_could_not_prove_is_named_and_asked_though_no_cell_is_in_doubt(
    desk: Desk, said: list[dict[str, Any]]
) -> None:
    fields = sure_cells(reading()["fields"])
    fields["balanced"]["value"] = False
    fields["imbalances"]["value"] = said
    del fields["payment_number"]  # the desk gives each its own
    ref = arrive(desk, **fields)
    assert (row(desk, ref).doubtful, row(desk, ref).read_state) == (0, "to_check")
    sam = desk.client("sam")
    page = sam.get(f"/remittances/{ref}").text
    told = json.loads(re.search(r"data-told='([^']*)'", page)[1])  # type: ignore[index]
    assert told["says"] == "The amounts add up; what its reader doubts is to be confirmed"
    assert "Compare it with the picture: Save says that it is right." in page
    if said:
        assert "Claim 1: the printed sum of copay is $1,489.40; its lines come to $60.00." in page
        assert told["rows"]["claims.0"] == "printed copay differs"
    own = next(each for each in sam.get("/remittances").text.split("<tr>") if ref in each)
    assert "balanced" not in own
    assert "to be confirmed" in own
    grid = sent(desk, ref)
    assert post(sam, ref, "balance", grid).json()["says"] == told["says"]
    assert post(sam, ref, "save", grid).json()["read_state"] == "read"
    assert "to be confirmed" not in sam.get(f"/remittances/{ref}").text


UNKNOWN_HEAD = [*ROWS[:6], "Date         Code    Billed     Allowed    Own piece    Paid",
                "10/01/2026   D1110   100.00     80.00      20.00        60.00"]  # fmt: skip


def columns(desk: Desk, ref: str, **roles: str) -> Response:
    """The form of the columns sent with other roles for some heads."""
    page = desk.client("sam").get(f"/remittances/{ref}").text
    panel = page.split("data-layout")[1].split("</form>")[0]
    form = {"version": re.search(r'name="version" value="(\d+)"', panel)[1]}  # type: ignore[index]
    for part in panel.split('<label for="')[1:]:
        name = re.search(r'name="(role_\d+)"', part)[1]  # type: ignore[index]
        head = part.split(">")[1].split("<")[0]
        chosen = re.search(r'value="(\w*)" selected', part)
        form[name] = roles.get(head.replace(" ", "_"), chosen[1] if chosen else "")
    accept = {"accept": "application/json"}
    answer: Response = desk.client("sam").post(f"/remittances/{ref}/columns", data=form,
                                               headers=accept)  # fmt: skip
    return answer


def as_remittance(desk: Desk, rows: list[str]) -> str:
    """A page of print that a person says is a remittance, read as one; its reference."""
    document_id = of_page(desk, "unknown", rows)
    with desk.installation.db.write() as session:
        item = session.scalars(
            select(ReviewItem).where(ReviewItem.document_id == document_id)
        ).one()
        held = review.lease(session, item.id, "user:sam")
        ref = promoting.as_remittance(session, item.id, "user:sam", held.lease_token).ref
        rereading.save(session, document_id, rereading.work(rereading.load(session, document_id)))
        return ref


def test_a_role_is_taught_once_and_kept_for_all_that_come(desk: Desk) -> None:
    ref = as_remittance(desk, UNKNOWN_HEAD)
    read = readings(desk, ref)[-1].sealed["fields"]["claims"]["value"][0]["lines"][0]
    assert "PR-1" not in [f"{e['group']}-{e['code']}" for e in read["adjustments"]]
    assert columns(desk, ref, Own_piece="no_such_role").json()["code"] == "wrong_layout"
    assert columns(desk, ref, Own_piece="deductible").json() == {"queued": False}
    *_, last = readings(desk, ref)
    line = last.sealed["fields"]["claims"]["value"][0]["lines"][0]
    assert {"group": "PR", "code": "1", "amount_cents": 20_00} in line["adjustments"]
    assert not last.made_by.startswith("user:")
    with desk.installation.db.read() as session:
        (layout,) = session.scalars(select(PayerLayout)).all()
        assert (layout.made_by, layout.version) == ("user:sam", 1)
        told = session.scalars(select(AuditEvent).where(AuditEvent.action == "layout.taught")).all()
        assert "Own" not in json.dumps([each.detail for each in told])
    later = as_remittance(desk, [row.replace("4410", "4411") for row in UNKNOWN_HEAD])
    (claim,) = readings(desk, later)[-1].sealed["fields"]["claims"]["value"]
    assert claim["lines"][0]["adjustments"] == line["adjustments"]
    for name, status in (("audrey", 403), ("erin", 404)):
        answer = desk.client(name).post(f"/remittances/{ref}/columns", data={"version": "1"})
        assert answer.status_code == status


def test_many_pages_are_read_again_by_a_worker_and_what_was_keyed_of_the_head_stays(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = as_remittance(desk, [row.replace("4410", "4477") for row in UNKNOWN_HEAD])
    grid = sent(desk, ref)
    grid["head"]["texts"]["payer_name"] = "Delta Dental of Ohio, Inc."
    assert post(desk.client("sam"), ref, "save", grid).status_code == 200
    monkeypatch.setattr(rereading, "AT_ONCE", 0)  # as a long document has it
    assert columns(desk, ref, Own_piece="copay").json() == {"queued": True}
    waiting = desk.client("sam").get(f"/remittances/{ref}/version").json()
    assert waiting["pending"]
    desk.work()
    done = desk.client("sam").get(f"/remittances/{ref}/version").json()
    assert (done["pending"], done["version"]) == (False, waiting["version"] + 1)
    fields = readings(desk, ref)[-1].sealed["fields"]
    assert fields["payer_name"]["value"] == "Delta Dental of Ohio, Inc."
    codes = [e["code"] for e in fields["claims"]["value"][0]["lines"][0]["adjustments"]]
    assert "3" in codes


def test_the_bar_says_what_of_its_check_is_allocated_and_held(desk: Desk) -> None:
    body = reading() | {"confidence": 0.99}
    body["fields"]["payment_number"]["value"] = "6601"
    (payment,) = desk.receive([world.check(130_00, "6601", "Delta"), body])
    with desk.installation.db.read() as session:
        query = select(Remittance.ref).where(Remittance.payment_number == "6601")
        ref = session.scalars(query).one()
    page = desk.client("sam").get(f"/remittances/{ref}").text
    assert f"with {payment}" in page
    bar = dict(re.findall(r"<dt>([^<]+)</dt><dd[^>]*>([^<]+)</dd>", page.split("data-bar")[1]))
    assert (bar["Check"], bar["Total paid"]) == ("$130.00", "$120.00")
    parts = [bar.get(name, "$0.00") for name in ("Allocated", "Held", "Not allocated yet")]
    assert sum(Money.parse(part).cents for part in parts) == 130_00
    assert "The payment is $130.00; this remittance is of another amount." in page


@pytest.mark.parametrize("path", [
    "/remittances", "/remittances/{ref}", "/remittances/waiting", "/remittances/joined",
    "/remittances/{ref}/version", "/pages/{page}.png", "/api/v1/remittances",
    "/api/v1/remittances/waiting",
])  # fmt: skip
def test_a_courier_sees_nothing_of_a_remittance_and_the_attempt_is_on_record(
    desk: Desk, path: str
) -> None:
    ref = as_remittance(desk, ROWS)
    with desk.installation.db.read() as session:
        page = session.scalars(select(PageImage.id)).first()
        before = session.scalar(select(func.max(AuditEvent.seq))) or 0
    answer = desk.client("carla").get(path.format(ref=ref, page=page))
    assert answer.status_code == 403
    assert "JANE" not in answer.text
    with desk.installation.db.read() as session:
        query = select(AuditEvent).where(AuditEvent.seq > before)
        events = [each for each in session.scalars(query) if each.action == "access.refused"]
        assert [each.actor for each in events] == ["user:carla"]
        declared = path.replace("{ref}", "{remittance_ref}").replace("{page}", "{page_id}")
        assert events[0].subject_id == f"GET {declared}"


def test_what_is_no_remittance_is_asked_again_and_may_be_taken_back(desk: Desk) -> None:
    ref = arrive(desk)
    sam = desk.client("sam")
    assert "This is not a remittance" in sam.get(f"/remittances/{ref}").text
    address = f"/remittances/{ref}/not-remittance"
    assert desk.client("audrey").post(address, data={"version": "1"}).status_code == 403
    assert sam.post(address, data={"version": "9"}).status_code == 409
    answer = sam.post(address, data={"version": "1"})
    assert answer.status_code == 303
    asked_at = answer.headers["location"]
    with desk.installation.db.read() as session:
        item = session.scalars(
            select(ReviewItem).where(ReviewItem.ref == asked_at.rpartition("/")[2])
        ).one()
        assert (item.asks, item.state) == (["kind"], "open")
        assert item.document is not None
        assert item.document.kind == "unknown"
        kept = [each.sealed["kind"] for each in item.document.readings]
        assert kept == ["remittance", "unknown"]
        seen = session.scalars(select(AuditEvent).where(AuditEvent.action == "remittance.unmade"))
        assert [each.actor for each in seen] == ["user:sam"]
        item_id = item.id
    assert row(desk, ref).partner_state == "dismissed"
    page = sam.get("/remittances/joined").text
    assert ref in page
    assert f"Let {ref} wait again" not in page
    steps: tuple[dict[str, str], ...] = (
        {"step": "reopen"}, {"step": "join", "payment": "PAY-2BC-D4F5"},
    )  # fmt: skip
    for step in steps:
        told = sam.post(f"/api/v1/remittances/{ref}", json=step)
        assert told.status_code in (404, 409)
    assert sam.post(f"/api/v1/remittances/{ref}", json=steps[0]).json()["code"] == (
        "not_a_remittance"
    )
    assert row(desk, ref).partner_state == "dismissed"
    with desk.installation.db.write() as session:
        held = review.lease(session, item_id, "user:sam")
        again = promoting.as_remittance(session, item_id, "user:sam", held.lease_token)
        assert (again.ref, again.partner_state) == (ref, "waiting")
    assert len(readings(desk, ref)) == 3


def test_what_was_filed_as_no_remittance_is_asked_again_and_waits_again(desk: Desk) -> None:
    ref = arrive(desk)
    sam, address = desk.client("sam"), f"/remittances/{ref}/ask-again"
    assert sam.post(address).status_code == 409, "it is a remittance"
    sam.post(f"/remittances/{ref}/not-remittance", data={"version": "1"})

    def question() -> ReviewItem:
        with desk.installation.db.read() as session:
            document_id = row(desk, ref).document_id
            query = select(ReviewItem).where(ReviewItem.document_id == document_id)
            return session.scalars(query).one()

    with desk.installation.db.write() as session:
        token = review.lease(session, question().id, "user:sam").lease_token
        review.finish_document(session, question().id, "user:sam", token, "filed")
    assert question().state == "done"
    assert f"Ask again what {ref} is" in sam.get("/remittances/joined").text
    assert f"Ask again what {ref} is" not in desk.client("audrey").get("/remittances/joined").text
    assert desk.client("erin").post(address).status_code == 404
    answer = sam.post(address)
    assert answer.headers["location"].startswith(f"/review/{question().ref}")
    assert question().state == "open"
    with desk.installation.db.write() as session:
        token = review.lease(session, question().id, "user:sam").lease_token
        again = promoting.as_remittance(session, question().id, "user:sam", token)
        assert (again.ref, again.partner_state) == (ref, "waiting")


def test_what_explains_a_payment_is_parted_before_it_is_called_no_remittance(desk: Desk) -> None:
    body = reading() | {"confidence": 0.99}
    body["fields"]["payment_number"]["value"] = "770011"
    desk.receive([body, world.check(120_00, "770011", "DELTA")])
    with desk.installation.db.read() as session:
        query = select(Remittance.ref).where(Remittance.payment_number == "770011")
        ref = session.scalars(query).one()
    refused = desk.client("sam").post(f"/remittances/{ref}/not-remittance", data={"version": "1"})
    assert refused.status_code == 409
    assert row(desk, ref).partner_state == "joined"
