"""What words with figures on a remittance may be: amounts, dates, codes; and when two are alike."""

from __future__ import annotations

import re
from typing import Literal

from ocr.values import parse_cents, parse_date

Form = Literal["amount", "date", "code"]

_EDGES = "|[]_'`\"~:;{}"
_AMOUNT = re.compile(
    r"^[^0-9A-Za-z]{0,3}[\dOoQlISBZ§%£€,.\-() ]*[.,:][\dOoQlISBZ§%)(}{]{1,4}[)\-]?$"
)
_DATE = re.compile(r"^\d{1,4}[/\-.:][\dOolI]{1,2}[/\-.:][\dOolI]{2,4}$")
_RUN_ON = re.compile(r"^(\d\d)[/\-.:]?(\d\d)[/\-.:]?(\d\d|20\d\d)$")
_LOOSE = re.compile(r"^\(?-?\$?-?(?P<whole>[\d,.]*)[.,:](?P<cents>\d\d)-?\)?$")
_DENTAL = re.compile(r"[Dd][\dOoIl]{4}")
_CODE = re.compile(r"([A-Z]{0,3}-?)(\d[\dOIL|]*)")
_GROUPED = re.compile(r"([CGO0][O0Q]|PR|OA|PI)([ -]?)([\dOIL]{1,3})")
_SERVICE = re.compile(r"G[0O]\d{3}")  # G0439 is a procedure's code (HCPCS level II), no CO 439
_LIKE_GROUPED = re.compile(r"(C[O0Q]|PR|OA|PI)-?[0-9ABILOSZ]{1,3}")
_DAY_AND_YEAR = re.compile(r"\d{1,2},20\d\d")  # behind a month: ``Sep 18,2026``
_PART_OF_DATE = re.compile(r"^\d\d[/\-.:]20\d\d$")
_OH_AND_EL = str.maketrans("OoIlL|", "001111")
_LIKE_FIGURES = str.maketrans("OoQDIl|SsBZ", "00001115582")


def form_of(text: str) -> Form | None:
    """What form a word has that a second reading can confirm; None for names and other words."""
    bare = text.strip(_EDGES)
    if re.fullmatch(r"[.,:][\dO]{2}", bare):
        return "amount"
    if not any(char.isdigit() for char in bare):
        return "amount" if re.fullmatch(r"[(]?[OoQlI]?[.,][OoQ0]{2}\)?", bare) else None
    if parse_cents(bare.rstrip(".,")) is not None:
        return "amount"
    if _DATE.match(bare) or (_RUN_ON.match(bare) and not bare.isdigit() and _like_a_date(bare)):
        return "date"
    if len(bare) >= 4 and _AMOUNT.match(bare) and not _DAY_AND_YEAR.fullmatch(bare):
        return "amount"
    return "code" if len(bare) >= 2 else None


def value_of(form: Form, text: str) -> int | str | None:
    """Signed cents of an amount, ISO text of a date, the letters and figures of a code."""
    bare = text.strip(_EDGES + " ")
    if form == "amount":
        bare = bare.rstrip(".,")
        return parse_cents(bare) if parse_cents(bare) is not None else _loose_cents(bare)
    if form == "date":
        return parse_date(_dated(bare))
    return bare.strip(".,- ") or None


def _like_a_date(text: str) -> bool:
    """Whether one separator of a recent date was lost: six figures, and no such amount."""
    if _PART_OF_DATE.match(text):
        return False  # 07 12/2026: the day and year of a date, and no 20th of December 2026
    return len(re.sub(r"\D", "", text)) == 6 and parse_date(_dated(text)) is not None


def _dated(text: str) -> str:
    """A date with slashes for whatever was read between its parts, or for nothing."""
    bare = text.strip("-.:")
    if _PART_OF_DATE.match(bare):
        return bare
    if parse_date(bare) is None and (match := _RUN_ON.match(bare)):
        return "/".join(match.groups())
    return bare


def _loose_cents(text: str) -> int | None:
    """Cents of an amount whose points and commas were taken for each other."""
    if re.fullmatch(r"[.,:]\d\d", text):
        return int(text[1:])  # less than a dollar, printed without a zero
    match = _LOOSE.match(text.replace(" ", ""))
    if match is None:
        return None
    whole = re.sub(r"[.,]", "", match["whole"])
    parts = re.split(r"[.,]", match["whole"])
    if ":" in text and len(parts[0]) > 3:
        return None  # a code with its modifier
    if not whole or any(len(part) != 3 for part in parts[1:]):
        return None
    cents = int(whole) * 100 + int(match["cents"])
    return -cents if "-" in text or text.startswith("(") else cents


def agree(form: Form, one: str, other: str) -> bool:
    """Whether two readings say the same, codes to the letter (figures look like letters)."""
    first, second = value_of(form, one), value_of(form, other)
    if first is None or second is None or form != "code":
        return first is not None and first == second
    return tidy(str(first)) == tidy(str(second))


def tidy(code: str) -> str:
    """A code in capitals, with O and l among its figures put as the figures they look like."""
    dental = _DENTAL.fullmatch(code)
    head, tail = ("D", code[1:]) if dental else _head_and_tail(code.upper())
    return head + tail.translate(_OH_AND_EL)


def grouped(code: str) -> str | None:
    """``C045``, ``0045`` or ``PRl`` as the group and number they are; None for what is neither."""
    match = _GROUPED.fullmatch(code.upper())
    if match is None or _SERVICE.fullmatch(code.upper()):
        return None
    group = "CO" if match[1][1] in "O0Q" and match[1][0] in "CGO0" else match[1]
    return group + match[2] + match[3].translate(_OH_AND_EL)


def like_grouped(text: str) -> bool:
    """Whether a word may be a reason's group and number: ``COAS`` where CO 45 is printed."""
    return _LIKE_GROUPED.fullmatch(text) is not None and grouped(text) != text


def _head_and_tail(code: str) -> tuple[str, str]:
    match = _CODE.fullmatch(code)
    return (match[1], match[2]) if match else (code, "")


def alike(form: Form, one: str, other: str) -> bool:
    """Whether two readings of a code differ in no more than letters that look like figures."""
    first, second = value_of(form, one), value_of(form, other)
    if first is None or second is None or form != "code":
        return first is not None and first == second
    return folded(str(first)) == folded(str(second))


def folded(code: str) -> str:
    """A code with letters that look like figures put as figures, marks and spaces left out."""
    bare = re.sub(r"[^0-9A-Za-z]", "", code)
    return bare.upper().translate(_LIKE_FIGURES).replace("L", "1")


def printed(form: Form, text: str) -> str:
    """The word a reading is, an amount whose points and commas were mixed up put right."""
    bare = text.strip(_EDGES)
    if form == "amount":
        bare = bare.rstrip(".,")
        cents = value_of(form, text)
        if parse_cents(bare) is not None or not isinstance(cents, int):
            return bare
        return f"{'-' if cents < 0 else ''}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"
    if form == "date":
        return _dated(bare)
    return tidy(text) if _DENTAL.fullmatch(text) or _CODE.fullmatch(text.upper()) else text
