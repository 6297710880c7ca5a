"""Whole 835 files as Hypothesis makes them: any delimiters, both versions, several payments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import strategies as st

MARKS = list("*|~>\x1d\x1e\x1f!;^\n")
_word = st.text("ABCDEFGHIJKLMNOP", min_size=2, max_size=8)
_cents = st.integers(0, 500_000)
_reason = st.sampled_from(["1", "2", "3", "45", "96", "97", "B12", "253"])
_group = st.sampled_from(["CO", "PR", "OA", "PI"])


@dataclass(frozen=True)
class File:
    """Segments as element lists, and the characters that they are written with."""

    segments: list[list[str]]
    element: str
    component: str
    end: str

    def text(self) -> str:
        """The file; ``:`` in an element stands for the component separator."""
        return "".join(
            self.element.join(each).replace(":", self.component) + self.end
            for each in self.segments
        )


@dataclass(frozen=True)
class Place:
    """An amount of a file: where it stands, and each (rule, segment number) that it is part of."""

    segment: int
    element: int
    rules: frozenset[tuple[str, int]]


def amount_places(segments: list[list[str]]) -> Iterator[Place]:
    """Every amount that a balance rule sums, told by the guide's section 1.10.2.1 alone."""
    start = claim = line = 0
    for number, segment in enumerate(segments, start=1):
        name = segment[0]
        if name == "ST":
            start, claim, line = number, 0, 0
        elif name == "CLP":
            claim, line = number, 0
        elif name == "SVC":
            line = number
        elif name in {"LX", "PLB"}:
            claim = line = 0
        whole = ("transaction", start)
        mine = {("service", line), ("claim", claim)} if line else {("claim", claim)}
        found: dict[int, set[tuple[str, int]]] = {
            "BPR": {2: {whole}},
            "CLP": {3: {("claim", claim)}, 4: {("claim", claim), whole}},
            "SVC": {2: {("service", line)}, 3: {("service", line)}},
            "CAS": dict.fromkeys(range(3, 19, 3), mine),
            "PLB": {at: {whole} for at in range(4, 15, 2)},
        }.get(name, {})
        for at, rules in found.items():
            if at < len(segment) and segment[at]:
                yield Place(number, at, frozenset(rules))


@st.composite
def _adjustments(draw: st.DrawFn, sign: int) -> tuple[list[list[str]], int]:
    segments, total = [], 0
    for group in draw(st.lists(_group, max_size=2, unique=True)):
        segment = ["CAS", group]
        for _ in range(draw(st.integers(1, 6))):
            cents = sign * draw(_cents)
            total += cents
            segment += [
                draw(_reason),
                draw(written(cents)),
                draw(st.sampled_from(["", "1", "2.5"])),
            ]
        segments.append(segment)
    return segments, total


@st.composite
def written(draw: st.DrawFn, cents: int) -> str:
    """Cents as senders write them: ``100``, ``100.00``, ``.5``, ``-3.10``."""
    sign = "-" if cents < 0 else ""
    whole, part = divmod(abs(cents), 100)
    full = f"{sign}{whole}.{part:02d}"
    forms = [full]
    if part % 10 == 0:
        forms.append(full[:-1])
    if part == 0:
        forms.append(f"{sign}{whole}")
    if whole == 0:
        forms.append(f"{sign}.{part:02d}")
    return draw(st.sampled_from(forms))


@st.composite
def _claim(draw: st.DrawFn) -> tuple[list[list[str]], int]:
    sign = draw(st.sampled_from([1, 1, 1, -1]))
    own, adjusted = draw(_adjustments(sign))
    lines: list[list[str]] = []
    charged = 0
    for _ in range(draw(st.integers(0, 3))):
        entries, off = draw(_adjustments(sign))
        paid = sign * draw(_cents)
        charged += paid + off
        adjusted += off
        lines.append(["SVC", f"AD:D{draw(st.integers(1000, 9999))}:59", draw(written(paid + off)),
                      draw(written(paid)), "", "1"])  # fmt: skip
        lines.append(["DTM", "472", "20260102"])
        lines += entries
        lines += draw(st.sampled_from([[], [["REF", "6R", "L1"], ["AMT", "B6", "1.01"]],
                                       [["QTY", "ZK", "2"], ["LQ", "HE", "N130"]]]))  # fmt: skip
    if not lines:
        charged = adjusted + sign * draw(_cents)
    else:
        # Adjustments of the whole claim come off what its lines pay.
        pass
    paid = charged - adjusted
    share = sum(_sum_of(segment) for segment in [*own, *lines] if segment[:2] == ["CAS", "PR"])
    head = ["CLP", draw(_word), "22" if sign < 0 else draw(st.sampled_from(["1", "2", "4"])),
            draw(written(charged)), draw(written(paid)),
            draw(st.sampled_from(["", draw(written(share))])), "12", draw(_word)]  # fmt: skip
    people = [["NM1", "QC", "1", draw(_word), draw(_word), "", "", "", "MI", draw(_word)],
              *draw(st.sampled_from([[], [["NM1", "74", "1", "NEW"]]])),
              *draw(st.sampled_from([[], [["MOA", "", "12.5", "MA01"]],
                                     [["MIA", "3", "", "", "100.25", "N1"]]])),
              ["REF", "EA", "X1"], ["DTM", "232", "20260101"], ["PER", "CX", "DESK", "TE", "5551"],
              ["AMT", "AU", "12"], ["QTY", "CA", "1"]]  # fmt: skip
    return [head, *own, *people, *lines], paid


def _sum_of(segment: list[str]) -> int:
    total = 0
    for text in segment[3::3]:
        sign = -1 if text.startswith("-") else 1
        whole, _, part = text.lstrip("-").partition(".")
        total += sign * (int(whole or "0") * 100 + int(part.ljust(2, "0") or "0"))
    return total


@st.composite
def _payment(draw: st.DrawFn, number: int) -> list[list[str]]:
    claims = draw(st.lists(_claim(), max_size=3))
    total = sum(paid for _, paid in claims)
    footer = []
    if draw(st.booleans()):
        segment = ["PLB", "1234567893", "20261231"]
        for _ in range(draw(st.integers(1, 6))):
            cents = draw(st.integers(-50_000, 50_000))
            total -= cents
            segment += [draw(st.sampled_from(["WO:R1", "L6", "FB:K9"])), draw(written(cents))]
        footer.append(segment)
    body = [
        ["ST", "835", f"{number:04d}"],
        ["BPR", "I", draw(written(total)), draw(st.sampled_from("CCD")) if total > 0 else "C",
         "CHK", *[""] * 11, "20260105"],
        ["TRN", "1", draw(_word), "1123456789"], ["N1", "PR", draw(_word)], ["N3", "1 MAIN"],
        ["N4", "TOWN", "OH", "44101"], ["N1", "PE", draw(_word), "XX", "1234567893"],
        ["REF", "TJ", "123456789"], ["LX", "1"],
        *(segment for claim, _ in claims for segment in claim), *footer,
    ]  # fmt: skip
    return [*body, ["SE", str(len(body) + 1), f"{number:04d}"]]


@st.composite
def files(draw: st.DrawFn) -> File:
    """A balanced 835 with nothing wrong, of one interchange."""
    element, component, mark = draw(
        st.lists(st.sampled_from(MARKS), min_size=3, max_size=3, unique=True)
        .filter(lambda marks: "\n" not in marks[:2])
    )  # fmt: skip
    version = draw(st.sampled_from([("00501", "005010X221A1"), ("00401", "004010X091A1")]))
    count = draw(st.integers(1, 2))
    payments = [draw(_payment(number)) for number in range(1, count + 1)]
    isa = ["ISA", "00", " " * 10, "00", " " * 10, "ZZ", "S".ljust(15), "ZZ", "R".ljust(15),
           "260105", "1200", "U", version[0], "000000001", "0", "P", ":"]  # fmt: skip
    group = ["GS", "HP", "S", "R", "20260105", "1200", "1", "X", version[1]]
    inner = [group, *(segment for each in payments for segment in each), ["GE", str(count), "1"]]
    form = draw(st.sampled_from(["whole", "whole", "group", "set"]))
    segments = {
        "whole": [isa, *inner, ["IEA", "1", "000000001"]],
        "group": inner,
        "set": inner[1:-1],
    }[form]
    return File(segments, element, component, mark + draw(st.sampled_from(["", "\n", "\r\n"])))
