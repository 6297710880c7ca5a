"""Labels are found where they stand, a letter of a long one misread, and short ones only as is."""

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from intake.types import Word
from ocr.labels import find_labels
from ocr.text import PageText, from_words

PHRASES = ("check number", "payee", "paid", "payer", "provider", "billed amount")
WORDS = ("check", "number", "payee", "payer", "paid", "provider", "billed", "amount", "total")


def line_of(words: list[str]) -> PageText:
    return from_words(
        0, "tesseract", [Word(word, (100 + 120 * at, 100, 110, 20), 0.9)
                         for at, word in enumerate(words)]
    )  # fmt: skip


@st.composite
def _misread(draw: st.DrawFn) -> str:
    word = draw(st.sampled_from(WORDS))
    at = draw(st.integers(0, len(word) - 1))
    letter = draw(st.sampled_from(("", word[at], "e", "l", "ii")))
    return word[:at] + letter + word[at + 1 :]


def _means(seen: list[str], phrase: str) -> bool:
    left = " ".join(seen)
    if left == phrase:
        return True
    swapped = any(
        a != b and a in {"payee", "payer"} for a, b in zip(seen, phrase.split(), strict=True)
    )
    return len(phrase) >= 7 and not swapped and fuzz.ratio(left, phrase) >= 90


@given(st.lists(_misread(), min_size=1, max_size=5))
def test_a_label_stands_where_a_phrase_does_or_a_long_one_nearly(words: list[str]) -> None:
    found, start = [], 0
    while start < len(words):
        for length in (2, 1):
            seen = words[start : start + length]
            if len(seen) == length and any(
                _means(seen, phrase) for phrase in PHRASES if len(phrase.split()) == length
            ):
                found.append((start, start + length - 1))
                start += length - 1
                break
        start += 1
    labels = find_labels(line_of(words), PHRASES)
    assert [(label.first, label.last) for label in labels] == found


def test_a_misread_letter_is_passed_over_in_long_labels_alone() -> None:
    def seen(text: str) -> bool:
        return any(find_labels(line_of(text.split()), PHRASES))

    assert seen("check nunber")
    assert not seen("pald")
    assert seen("paid")
    assert not seen("peyer")
