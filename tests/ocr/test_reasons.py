"""Endorsements become the normalised reasons of returned mail, through OCR noise."""

import random

import pytest

from ocr import reasons

LABELS = {
    "MOVED LEFT NO ADDRESS": "moved_no_address",
    "ATTEMPTED - NOT KNOWN": "attempted_not_known",
    "INSUFFICIENT ADDRESS": "insufficient",
    "NO SUCH NUMBER": "no_such_number",
    "NO SUCH STREET": "no_such_street",
    "NOT DELIVERABLE AS ADDRESSED": "not_deliverable_utf",
    "NO MAIL RECEPTACLE": "no_receptacle",
    "VACANT": "vacant",
    "UNCLAIMED": "unclaimed",
    "REFUSED": "refused",
    "DECEASED": "deceased",
    "BOX CLOSED - NO ORDER": "box_closed",
    "TEMPORARILY AWAY": "temp_away",
    "IN DISPUTE": "in_dispute",
    "ILLEGIBLE": "illegible",
    "RETURNED FOR POSTAGE": "postage",
    "NOTIFY SENDER OF NEW ADDRESS": "new_address",
    "FORWARD TIME EXP RTN TO SEND": "new_address",
}


@pytest.mark.parametrize(("label", "code"), LABELS.items())
def test_each_label_is_known_with_what_ocr_adds_of_its_tick_box(label: str, code: str) -> None:
    for text in (label, label.lower(), f"[J {label}", f"(1 {label}", f"C1 {label} |"):
        match = reasons.match_reason(text)
        assert match is not None
        assert match.code == code
        assert code in reasons.CODES


@pytest.mark.parametrize("seed", range(20))
def test_one_or_two_misread_letters_never_change_the_reason(seed: int) -> None:
    chance = random.Random(seed)
    for label, code in LABELS.items():
        letters = list(label)
        for _ in range(1 if len(label) < 12 else 2):
            letters[chance.randrange(len(letters))] = chance.choice("AEIOURSTLN")
        match = reasons.match_reason("".join(letters))
        assert match is None or match.code == code


@pytest.mark.parametrize(
    "text",
    ["", "US POSTAGE", "FIRST-CLASS MAIL", "RETURN SERVICE REQUESTED", "JOHN VACANTI",
     "Please send my records", "1711 E EMPIRE ST", "RETURN TO SENDER", "NO SUCH"],
)  # fmt: skip
def test_other_print_is_no_reason(text: str) -> None:
    assert reasons.match_reason(text) is None


def test_what_all_endorsements_share_is_the_frame() -> None:
    assert reasons.is_frame("RETURN TO SENDER")
    assert reasons.is_frame("UNABLE T0 FORWARD")
    assert not reasons.is_frame("RETURN SERVICE REQUESTED")


def test_handwriting_and_abbreviations_have_their_own_tables() -> None:
    written = reasons.match_handwritten("Not at this address!")
    assert written is not None
    assert written.code == "sender_handwritten"
    short = reasons.match_abbreviation("ANK")
    assert short is not None
    assert short.code == "attempted_not_known"
    assert reasons.match_handwritten("Emma Dunn") is None
    assert reasons.match_abbreviation("XYZ") is None
