"""Quarantine, jobs, audit, images and health: what keeps the house in order."""

from __future__ import annotations

import base64
import hashlib
import json

import cv2
import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from intake.decode import refusal
from records.installation import Installation
from records.models import AuditEvent, Job, PageImage, SourceFile
from tests.web.conftest import Clients
from tests.web.seed import Seeded
from web import rendering
from web.commands.service import make_server
from web.pages.images import draw, reduction


@pytest.fixture
def specialist(client_of: Clients) -> TestClient:
    return client_of("specialist.north")


def actions(installation: Installation) -> list[str]:
    with installation.db.read() as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)))


def picture(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


def test_quarantine_says_why_and_what_next_and_gives_the_original_on_record(
    specialist: TestClient, group: dict[str, Seeded], installation: Installation
) -> None:
    ref = group["NORTH"].names["broken_ref"]
    page = specialist.get("/quarantine").text
    assert "The PDF needs a password." in page
    assert refusal("encrypted_pdf").remedy in page
    assert group["SOUTH"].names["broken_ref"] not in page
    original = specialist.get(f"/quarantine/{ref}/original")
    assert original.content == b"NORTH broken-1.pdf"
    assert original.headers["content-type"] == "application/octet-stream"
    assert original.headers["content-disposition"].startswith("attachment")
    assert "file.downloaded" in actions(installation)


def test_a_quarantined_file_is_tried_again_or_set_aside(
    specialist: TestClient,
    client_of: Clients,
    group: dict[str, Seeded],
    installation: Installation,
) -> None:
    ref = group["NORTH"].names["broken_ref"]
    assert client_of("auditor.north").post(f"/quarantine/{ref}/retry").status_code == 403
    assert specialist.post(f"/quarantine/{ref}/retry").status_code == 303
    assert specialist.post(f"/quarantine/{ref}/dismiss").status_code == 409
    with installation.db.write() as session:
        file = session.scalars(select(SourceFile).where(SourceFile.ref == ref)).one()
        assert file.state == "received"
        assert session.scalars(
            select(Job).where(Job.subject_id == file.id, Job.state == "queued")
        ).all()
        file.state = "quarantined"
    assert specialist.post(f"/quarantine/{ref}/dismiss").status_code == 303


def test_a_dead_job_shows_its_error_and_is_tried_again_once(
    client_of: Clients, group: dict[str, Seeded]
) -> None:
    billing = client_of("billing.north")
    job_id = group["NORTH"].names["job_id"]
    page = billing.get("/jobs").text
    assert "The decoder was stopped." in page
    assert group["SOUTH"].names["job_id"] not in page
    assert billing.post(f"/jobs/{job_id}/retry").status_code == 303
    assert billing.post(f"/jobs/{job_id}/retry").status_code == 409
    assert job_id not in billing.get("/jobs").text


def test_the_audit_page_filters_and_verifies_the_chain(client_of: Clients) -> None:
    auditor = client_of("auditor.north")
    auditor.get("/search?q=Quill1")
    everything = auditor.get("/audit").text
    assert "search done" in everything
    assert "No events match." in auditor.get("/audit?who=nobody-at-all").text
    assert "search done" in auditor.get("/audit?who=auditor&action=search").text
    assert "No events match." in auditor.get("/audit?on=2001-01-01").text
    assert auditor.get("/audit?on=tomorrow").status_code == 400
    assert "The chain holds" in auditor.post("/audit/verify").text


def test_a_page_is_turned_cut_and_scaled_and_each_look_is_on_record(
    specialist: TestClient, group: dict[str, Seeded], installation: Installation
) -> None:
    page_id = group["NORTH"].names["page_id"]
    url = f"/pages/{page_id}.png"
    before = actions(installation).count("page.viewed")
    assert picture(specialist.get(url).content).shape == (330, 255)
    with installation.db.write() as session:
        session.get_one(PageImage, page_id).rotation = 90
    answer = specialist.get(url)
    assert picture(answer.content).shape == (255, 330)
    assert answer.headers["cache-control"] == "no-store"
    assert picture(specialist.get(f"{url}?w=110").content).shape == (85, 110)
    assert picture(specialist.get(f"{url}?crop=10,20,100,50").content).shape == (50, 100)
    assert specialist.get(f"{url}?crop=5000,0,10,10").status_code == 400
    assert specialist.get(f"{url}?crop=a").status_code == 422
    assert actions(installation).count("page.viewed") == before + 4


def test_turning_is_clockwise() -> None:
    image = np.full((20, 30), 255, np.uint8)
    image[0, 0] = 0  # top left
    encoded = cv2.imencode(".png", image)[1].tobytes()
    corners = {90: (0, -1), 180: (-1, -1), 270: (-1, 0), 0: (0, 0)}
    for degrees, corner in corners.items():
        assert picture(draw(encoded, degrees, None, None))[corner] == 0


def test_couriers_never_get_an_image(client_of: Clients, group: dict[str, Seeded]) -> None:
    answer = client_of("courier.north").get(f"/pages/{group['NORTH'].names['page_id']}.png")
    assert answer.status_code == 403


def test_health_readiness_and_figures_answer_without_a_login(client_of: Clients) -> None:
    nobody = client_of(None)
    assert nobody.get("/healthz").text == "ok"
    assert nobody.get("/readyz").json() == {"ready": True}
    client_of("specialist.north").get("/files")
    text = nobody.get("/metrics").text
    assert 'lockbox_jobs{state="' in text
    assert 'lockbox_uploads{channel="web"}' in text
    assert 'lockbox_request_seconds_count{method="GET",route="/files",status="200"}' in text


def test_vendored_scripts_are_the_recorded_ones() -> None:
    folder = rendering.STATIC / "vendor"
    recorded = json.loads((folder / "hashes.json").read_text())
    scripts = {path.name for path in folder.glob("*.js")}
    assert scripts == set(recorded)
    for name, integrity in recorded.items():
        digest = hashlib.sha384((folder / name).read_bytes()).digest()
        assert integrity == "sha384-" + base64.b64encode(digest).decode()


def test_no_page_or_style_reaches_outside(specialist: TestClient) -> None:
    for path in rendering.TEMPLATES.rglob("*.html"):
        text = path.read_text()
        for forbidden in ("//cdn", "https://", " style=", "<script>", "onclick="):
            assert forbidden not in text, (path.name, forbidden)
    for path in rendering.STATIC.glob("*.css"):
        assert "url(" not in path.read_text()


def test_a_small_picture_of_a_large_page_is_decoded_small_and_never_too_small() -> None:
    assert [reduction(2550, width) for width in (None, 2550, 1275, 600, 300)] == [1, 1, 2, 4, 8]
    image = np.full((3300, 2550), 255, np.uint8)
    image[:1650] = 0
    encoded = cv2.imencode(".jpg", image)[1].tobytes()
    small = picture(draw(encoded, 0, None, 300, reduced=reduction(2550, 300)))
    assert small.shape[:2] == (388, 300)
    assert small[100, 100] < 20
    assert small[300, 100] > 235


def test_forwarded_headers_are_believed_from_a_named_proxy_only() -> None:
    assert not make_server(FastAPI()).config.proxy_headers
    named = make_server(FastAPI(), "10.0.0.7").config
    assert named.proxy_headers
    assert named.forwarded_allow_ips == "10.0.0.7"
