"""What a MICR line says: fields of the E-13B layout, and the ABA rules for routing numbers.

Text is digits and ``A`` transit, ``B`` amount, ``C`` on-us, ``D`` dash; ``?`` is unread. From the
right edge of a check (ANSI X9.100-160): amount, on-us, transit, and auxiliary on-us on business
checks only. Personal checks carry the serial inside on-us, before or after the account.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

Span = tuple[int, int]
_WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7, 1)
_TRANSIT = re.compile(r"[A?][0-9?]{9}[A?]")
_AMOUNT = re.compile(r"B[0-9?]{10}B$")
_CANADIAN = re.compile(r"A([0-9?]{5}D[0-9?]{3})A")
_MAX_SERIAL = 10
AMOUNT_AFTER_TRANSIT = 21
"""Cells from the closing transit symbol (position 33) to the opening amount symbol (12)."""
TRANSIT_TO_EDGE = 34.5
"""Cells from the closing transit symbol to the check's right edge: 32, then 5/16 inch."""
EDGE_TOLERANCE = 0.5
"""Cells: the standard lets position 1 stand 1/16 inch off."""
POSTAL_ROUTINGS = frozenset({"000008002"})
"""US postal money orders: 0000-0800 with its check digit."""
_TREASURY = "000000518"
_INSTITUTION_RUNS = (
    (1, 4),
    (6, 6),
    (10, 10),
    (16, 16),
    (30, 30),
    (39, 39),
    (117, 117),
    (127, 127),
    (177, 177),
    (219, 219),
    (241, 241),
    (245, 245),
    (248, 248),
    (250, 250),
    (260, 260),
    (265, 265),
    (269, 270),
    (275, 275),
    (277, 277),
    (290, 290),
    (294, 294),
    (300, 300),
    (303, 303),
    (307, 315),
    (318, 318),
    (320, 320),
    (323, 323),
    (326, 328),
    (330, 330),
    (332, 332),
    (334, 336),
    (338, 338),
    (340, 340),
    (342, 344),
    (346, 358),
    (360, 367),
    (374, 374),
    (376, 376),
    (378, 378),
    (509, 509),
    (540, 540),
    (568, 568),
    (590, 590),
    (608, 608),
    (614, 614),
    (618, 618),
    (621, 621),
    (623, 623),
    (803, 803),
    (807, 807),
    (809, 810),
    (815, 815),
    (819, 819),
    (828, 829),
    (832, 832),
    (837, 837),
    (839, 840),
    (842, 842),
    (844, 844),
    (846, 846),
    (849, 849),
    (851, 851),
    (853, 854),
    (858, 860),
    (865, 865),
    (868, 880),
    (883, 886),
    (888, 893),
    (895, 895),
    (897, 899),
)
CANADIAN_INSTITUTIONS = frozenset(
    f"{number:03d}" for first, last in _INSTITUTION_RUNS for number in range(first, last + 1)
)
"""Payments Canada institution numbers in use."""


@dataclass(frozen=True, slots=True)
class MicrParts:
    """Where each field stands in the text (start, end), None when it is not there.

    ``account`` and ``serial`` are spans inside on-us. ``serial_unsure``: on-us holds groups that
    may be serial and account in one, and nothing in the line tells them apart. ``branch`` is a
    Canadian transit field (then ``routing`` is None), ``form`` as ``MicrReading.form``.
    """

    routing: Span | None = None
    on_us: Span | None = None
    aux_on_us: Span | None = None
    amount: Span | None = None
    account: Span | None = None
    serial: Span | None = None
    serial_unsure: bool = False
    branch: Span | None = None
    epc: Span | None = None
    form: str = ""


def aba_valid(routing: str) -> bool:
    """ABA check digit (weights 3, 7, 1) and the prefixes in use: 00-12, 21-32, 61-72, 80."""
    if len(routing) != 9 or not routing.isascii() or not routing.isdigit():
        return False
    total = sum(int(digit) * weight for digit, weight in zip(routing, _WEIGHTS, strict=True))
    prefix = int(routing[:2])
    usual = prefix <= 12 or 21 <= prefix <= 32 or 61 <= prefix <= 72 or prefix == 80
    return total % 10 == 0 and usual and int(routing) > 0


def digits_only(text: str) -> str:
    """The digits of a field, dashes and symbols dropped."""
    return "".join(char for char in text if char.isascii() and char.isdigit())


def parse(text: str, gaps: tuple[int, ...] = ()) -> MicrParts:
    """Split a line into its fields; ``gaps[i]`` is the number of blank cells before ``text[i]``."""
    transit = _transit(text)
    amount_match = _AMOUNT.search(text)
    amount = (amount_match.start(), amount_match.end()) if amount_match else None
    end = amount[0] if amount else len(text)
    broken_amount = text.find("B", transit[1] if transit else 0)
    if amount is None and broken_amount >= 0:
        end = broken_amount
    canadian = _CANADIAN.search(text)
    if canadian is not None and (
        transit is None or not aba_valid(text[transit[0] + 1 : transit[1] - 1])
    ):
        transit = canadian.span()
    else:
        canadian = None
    if transit is None:
        return MicrParts(amount=amount)
    aux = _auxiliary(text, transit[0])
    on_us = (transit[1], end) if end > transit[1] else None
    account, serial, unsure = _inside_on_us(text, on_us, gaps, has_aux=aux is not None)
    inside = (transit[0] + 1, transit[1] - 1)
    if aux is not None:
        serial = aux
    if canadian is not None:
        unsure = False  # its account has groups of its own
    return MicrParts(
        None if canadian else inside, on_us, aux, amount, account, serial, unsure,
        branch=inside if canadian else None,
        epc=_processing_code(text, transit[0], gaps),
        form=_form(
            text[inside[0] : inside[1]], canadian=canadian is not None, has_aux=aux is not None
        ),
    )  # fmt: skip


def lawful(text: str) -> bool:
    """Whether no transit or on-us symbol stands where no layout has one.

    A line has two transit symbols round one valid number, at most two on-us symbols before them
    and two after, never two side by side, and an on-us field has digits.
    """
    bodies = (text[at + 1 : at + 10] for at in range(len(text)) if _TRANSIT.match(text, at))
    if text.count("A") > 2 or "CC" in text or sum(map(aba_valid, bodies)) > 1:
        return False
    transit = parse(text)
    inside = transit.routing or transit.branch
    if inside is None:
        return True  # nothing to count from; no field is sure then
    before, after = text[: inside[0] - 1], text[inside[1] + 1 :]
    empty = after.startswith("C") and not any(char.isdigit() or char == "?" for char in after)
    return before.count("C") <= 2 and after.count("C") <= 2 and not empty


def amount_is_broken(text: str) -> bool:
    """Whether an amount symbol stands on the line without a whole amount field."""
    return "B" in text and _AMOUNT.search(text) is None


def _form(transit: str, *, canadian: bool, has_aux: bool) -> str:
    """The kind of line by its transit field."""
    if canadian:
        return "canadian"
    if transit in POSTAL_ROUTINGS:
        return "postal_money_order"
    if transit == _TREASURY:
        return "treasury"
    return "business" if has_aux else "personal"


def _processing_code(text: str, transit_start: int, gaps: tuple[int, ...]) -> Span | None:
    """The one digit in position 44, against the transit field."""
    place = transit_start - 1
    alone = place == 0 or (place > 0 and text[place - 1] == "C")
    beside = transit_start < len(gaps) and gaps[transit_start] == 0
    if alone and beside and text[place].isdigit():
        return place, place + 1
    return None


def postal_serial_valid(serial: str | None) -> bool:
    """Eleven digits, the last of them the sum of the other ten modulo 9 (USPS money orders)."""
    if serial is None or len(serial) != 11 or not serial.isdigit():
        return False
    return sum(int(digit) for digit in serial[:10]) % 9 == int(serial[10])


def _transit(text: str) -> Span | None:
    """The transit field with its symbols: a valid one first, else the one that looks whole."""
    found = []
    for start in range(len(text)):
        match = _TRANSIT.match(text, start)
        if match is None or "A" not in match.group():
            continue
        body = match.group()[1:-1]
        whole = match.group()[0] == "A" and match.group()[-1] == "A"
        found.append((aba_valid(body), whole, -body.count("?"), match.span()))
    return max(found)[3] if found else None


def _auxiliary(text: str, transit_start: int) -> Span | None:
    """The serial of a business check: digits and dashes between on-us symbols before transit."""
    match = re.search(r"C([0-9D?]{1,15})C[0-9?]?$", text[:transit_start])
    return match.span(1) if match else None


def _inside_on_us(
    text: str, on_us: Span | None, gaps: tuple[int, ...], *, has_aux: bool
) -> tuple[Span | None, Span | None, bool]:
    """Account and serial of the on-us field, and whether they might be cut otherwise."""
    if on_us is None:
        return None, None, False
    start, end = on_us
    pieces = [
        (start + match.start(), start + match.end())
        for match in re.finditer(r"[0-9D?]+", text[start:end])
    ]
    if not pieces:
        return None, None, False
    closed = "C" in text[start:end]
    if len(pieces) == 1:
        account = pieces[0]
        return account, None, not has_aux and closed and bool(_groups(text, account, gaps))
    account, rest = pieces[0], pieces[-1]
    if has_aux or rest[1] - rest[0] > _MAX_SERIAL:
        return account, None, False
    return account, rest, False


def _groups(text: str, span: Span, gaps: tuple[int, ...]) -> Span | None:
    """The first group of a field when a blank or a dash parts it from more digits."""
    start, end = span
    for place in range(start + 1, end):
        parted = text[place] == "D" or (place < len(gaps) and gaps[place] > 0)
        if parted and 2 <= place - start <= 6:
            return start, place
    return None


def leading_group(text: str, span: Span, gaps: tuple[int, ...] = ()) -> Span | None:
    """Where a serial that stands before the account would be, None when nothing parts one off."""
    return _groups(text, span, gaps)
