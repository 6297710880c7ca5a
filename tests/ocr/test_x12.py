"""X12 files split into segments and join back without losing a byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr import x12
from records.errors import UnreadableError

ISA = [
    "ISA", "00", " " * 10, "00", " " * 10, "ZZ", "SENDER".ljust(15), "ZZ", "RECEIVER".ljust(15),
    "260105", "1200", "^", "00501", "000000001", "0", "P",
]  # fmt: skip
punctuation = st.sampled_from(list("*|~:>\x1d\x1e\x1f!;\n"))
content = st.text("ABC 019.-", max_size=8)


@given(
    st.lists(punctuation, min_size=3, max_size=3, unique=True),
    st.lists(st.lists(content, min_size=1, max_size=6), max_size=8),
    st.sampled_from(["", "\n", "\r\n"]),
)
def test_any_delimiters_split_and_join_back(
    marks: list[str], bodies: list[list[str]], tail: str
) -> None:
    element, component, end = marks
    head = element.join([*ISA, component]) + end + tail
    text = head + "".join(element.join(["ZZZ", *body]) + end + tail for body in bodies)
    document = x12.tokenize(text)
    assert document.to_text() == text
    assert "".join(s.raw + s.tail for s in document.segments) == text
    assert [s.elements[1:] for s in document.segments[1:]] == [tuple(b) for b in bodies]
    assert document.segments[0].delimiters.component == component
    assert not document.findings


def test_each_interchange_has_its_own_delimiters() -> None:
    text = "*".join([*ISA, ":"]) + "~A*1~" + "|".join([*ISA, ">"]) + "\nB|2\n"
    names = [segment.elements for segment in x12.tokenize(text).segments]
    assert names[1] == ("A", "1")
    assert names[3] == ("B", "2")


@pytest.mark.parametrize("text", ["", "hello", "ISA", "ISA*00*", "%PDF ISA*"])
def test_what_is_no_interchange_is_refused_with_a_code(text: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        x12.tokenize(text)
    assert caught.value.code in {"not_x12", "truncated_x12"}


def test_a_file_cut_short_is_a_finding() -> None:
    document = x12.tokenize("*".join([*ISA, ":"]) + "~ST*835*1~CLP*9*1*50")
    assert [finding.code for finding in document.findings] == ["truncated"]


@given(st.integers(-(10**12), 10**12))
def test_amounts_round_trip(value: int) -> None:
    assert x12.cents(x12.decimal(value)) == value


@pytest.mark.parametrize("text", ["", ".", "1,5", "1.005", "abc", "1e3", "--1", "1.2.3"])
def test_amounts_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"amount|number"):
        x12.cents(text)
