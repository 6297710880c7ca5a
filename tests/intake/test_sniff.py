"""The kind of a file is told by its bytes, and harmless oddities of real files are let pass."""

from __future__ import annotations

import pytest

from intake.sniff import MEDIA_TYPES, sniff
from intake.x9 import Framing
from records.errors import UnreadableError
from tests.corpus import good
from tests.corpus.hostile import zip_of
from tests.intake.x9.samples import letter, sample
from tests.intake.x9.test_codec import FRAMINGS, written

PDF = good.digital_pdf()
JPEG = good.saved(good.text_page(1, "L", (40, 40)), "JPEG")
TIFF = good.saved(good.text_page(1, "L", (40, 40)), "TIFF")
PNG = good.saved(good.text_page(1, "L", (40, 40)), "PNG")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PDF, "pdf"),
        (b"\xef\xbb\xbf" + PDF, "pdf"),
        (b"\r\n\r\n" + PDF, "pdf"),
        (b"\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PDF\r\n" + PDF, "pdf"),
        (PDF + b"\r\n" + bytes(600), "pdf"),
        (JPEG, "jpeg"),
        (JPEG + b"\0\0\0\x18ftypmp42" + bytes(2000), "jpeg"),
        (TIFF, "tiff"),
        (TIFF.replace(b"II*\0", b"MM\0*", 1), "tiff"),
        (PNG, "png"),
        (good.heic_photo(), "heic"),
    ],
)
def test_a_kind_is_told_by_its_bytes(data: bytes, kind: str) -> None:
    assert sniff(data) == kind
    assert kind in MEDIA_TYPES


@pytest.mark.parametrize("framing", FRAMINGS, ids=str)
def test_letters_are_told_in_every_framing(framing: Framing) -> None:
    assert sniff(written(letter(), framing)) == "x9"


@pytest.mark.parametrize("start", ["", "\ufeff", "\r\n  "])
def test_an_835_is_told_through_leading_blanks(start: str) -> None:
    text = sample("era835/lfh_medicare-part-a.835").decode()
    assert sniff((start + text).encode()) == "x12_835"


@pytest.mark.parametrize("data", [PDF, JPEG, TIFF, PNG], ids=["pdf", "jpeg", "tiff", "png"])
@pytest.mark.parametrize("comment", [b"", b"a comment"])
def test_an_archive_behind_a_picture_is_refused(data: bytes, comment: bytes) -> None:
    archive = zip_of("a.txt", b"a")
    archive = archive[:-2] + len(comment).to_bytes(2, "little") + comment
    with pytest.raises(UnreadableError) as caught:
        sniff(data + archive)
    assert caught.value.code == "polyglot_file"


@pytest.mark.parametrize("data", [JPEG, PNG], ids=["jpeg", "png"])
@pytest.mark.parametrize("tail", [PDF, b"<html>", b"<SCRIPT >"])
def test_a_document_behind_a_picture_is_refused(data: bytes, tail: bytes) -> None:
    with pytest.raises(UnreadableError) as caught:
        sniff(data + tail)
    assert caught.value.code == "polyglot_file"


def test_a_refusal_says_what_the_file_is() -> None:
    with pytest.raises(UnreadableError, match="ZIP archive"):
        sniff(zip_of("a", b"b"))
    with pytest.raises(UnreadableError, match="web page"):
        sniff(b"<!DOCTYPE html><html></html>")
