"""What is said and written: only the names that a text may use, and nothing shows in a window."""

from __future__ import annotations

import io

import pdfplumber
import pytest

from records.errors import WrongUse
from returned_mail import texts
from returned_mail.letter_pdf import letter_pdf

VALUES = dict.fromkeys(texts.NAMES, "Rosa Muñoz")


@pytest.mark.parametrize("kind", texts.KINDS)
@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_delivered_text_is_whole_and_tells_nothing_of_money_owed(
    kind: str, language: str
) -> None:
    said = texts.fill(texts.defaults()[kind][language], VALUES).lower()
    assert said
    assert "{{" not in said
    for word in ("balance", "saldo", "owe", "debe ", "treatment", "tratamiento", "diagnos", "$"):
        assert word not in said


def test_the_call_says_nothing_before_the_person_is_known() -> None:
    script = texts.defaults()["call"]["en"]
    assert script.index("date of birth") < script.index("come back to us")


@pytest.mark.parametrize(
    "body",
    [
        "{{ balance }}",
        "{{ ref.__class__ }}",
        "{{ ref | upper }}",
        "{{ ref() }}",
        "{% for x in ref %}x{% endfor %}",
        "{% set ref = 1 %}",
        "{% include 'x' %}",
        "{{ ref * 9 }}",
        "{% if ref < 5 %}x{% endif %}",
        "{% if ref in 5 %}x{% endif %}",
        "{{ " + "not " * 900 + "ref }}",
        "{{ " + "(" * 1900 + "ref" + ")" * 1900 + " }}",
        "{% if ref %}" * 150 + "x" + "{% endif %}" * 150,
        "{{ ",
        "x" * (texts.LONGEST + 1),
    ],
)
def test_a_text_can_do_nothing_but_name_and_decide(body: str) -> None:
    with pytest.raises(WrongUse):
        texts.check(body)


def test_a_text_may_decide_by_a_name() -> None:
    assert texts.fill("{% if caller %}I am {{ caller }}{% endif %}", VALUES) == "I am Rosa Muñoz"


def test_above_the_fold_stand_sender_and_addressee_alone() -> None:
    body = texts.fill(texts.defaults()["letter"]["es"], VALUES)
    made = letter_pdf(
        ("North Dental", "1 Main St"), ("Rosa Muñoz", "7 BIRCH LN", "TROY OH 45373"), body,
        "2026-06-01",
    )  # fmt: skip
    with pdfplumber.open(io.BytesIO(made)) as pdf:
        (page,) = pdf.pages
        above = [word["text"] for word in page.extract_words() if word["top"] < 3.7 * 72]
        whole = page.extract_text()
    assert above == [
        "North",
        "Dental",
        "1",
        "Main",
        "St",
        "Rosa",
        "Muñoz",
        "7",
        "BIRCH",
        "LN",
        "TROY",
        "OH",
        "45373",
    ]
    assert "Servicio Postal" in whole
