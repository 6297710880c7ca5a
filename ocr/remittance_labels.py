"""Whose claim it is: labels of a claim's heading with the values beside or below them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ocr.remittance_cells import CLAIM_LABELS, STATUS_WORDS
from ocr.remittance_doubt import ID_LABELS, is_place
from ocr.remittance_named_roles import Named, named_roles
from ocr.remittance_rows import Row, Token

_ID = re.compile(r"[A-Z0-9][A-Z0-9./-]{2,29}", re.IGNORECASE)
_CONTRACTS = frozenset({"contract", "certificate"})
_LETTERED = re.compile(r"[A-Z]{1,3}\d{6,12}[A-Z]?")
_SPECK = 0.5  # the most that a text engine is sure of one
_WORD_GAP = 2.5  # heights, at most, between words of a typewriter
_STRIPPED = " :;,|()[]'`\"_~"
_STATUS = (
    (
        re.compile(
            # The plural counts claims of the payment and says nothing of one.
            r"revers(?!als\b)|void(?!s\b)|withdrawn|taken back|recoup|retract",
            re.IGNORECASE,
        ),
        "22",
    ),
    (re.compile(r"\bdenied\b|denial", re.IGNORECASE), "4"),
    (re.compile(r"secondary", re.IGNORECASE), "2"),
    (re.compile(r"processed as primary|\bprimary\b", re.IGNORECASE), "1"),
)
_NO_NAME = frozenset({
    "office", "visit", "x-ray", "treatment", "exam", "therapy", "subtotal", "balance", "due",
    "total", "totals", "page", "claim", "claims", "payment", "amount", "continued",
    "check", "notes", "remarks", "provider", "summary", "adjustments", "detail", "details",
    "service", "services", "codes", "insurance", "plan", "company", "llc", "pc", "dental", "inc",
    "void", "voided", "reversal", "reversed", "denied", "primary", "secondary", "paid", "adjusted",
    "corrected", "processed", "withdrawn", "original", "federal", "tax", "fed", "taxpayer",
    "payee", "national", "employer", "group", "npi", "number",
    "deductible", "coinsurance", "copay", "copayment", "charges", "responsibility", "allowed",
    "health", "explanation", "benefits", "remittance", "advice", "statement", "date",
})  # fmt: skip


_OF_A_DAY = frozenset({
    "visit", "visits", "of", "on", "the", "for", "service", "services", "date", "dates", "day",
    "dos", "treatment", "treatments", "rendered", "performed", "provided", "continued", "care",
    "incurred", "appointment", "procedures", "from", "through", "thru", "/", "",
    "monday", "tuesday", "wednesday",
    "thursday", "friday", "saturday", "sunday", "mon", "tue", "wed", "thu", "fri", "sat", "sun",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a claim that waits for its value below: role and left edge."""

    role: str
    left: float
    right: float
    whole: bool = False  # a run of its own over its value; the role may be unknown: empty


def claim_values(row: Row) -> dict[str, list[Token]]:
    """The claim's values a row names with labels; the patient may stand first without one."""
    every = sorted([*named_roles(row), *_contracts(row)], key=lambda name: name.first)
    named = [name for name in every if name.role in CLAIM_LABELS or _labels(row, name)]
    named = [name for name in named if not (_of_the_payee(row, name) or _of_an_id(row, name))]
    if not any(name.role in CLAIM_LABELS for name in named):
        return {}
    found: dict[str, list[Token]] = {}
    for number, name in enumerate(named):
        if name.role not in CLAIM_LABELS:
            continue
        end = named[number + 1].first if number + 1 < len(named) else len(row.tokens)
        after, label = row.tokens[name.last + 1 : end], row.tokens[name.last]
        value, role = _value(name.role, after, label), name.role
        if not value and role == "member_id" and name.first == name.last:
            value, role = _value("patient_name", after, label), "patient_name"  # Insured: a name
            value = value if is_name(value) else []
        if value and role not in found:
            found[role] = value
    first = row.tokens[: named[0].first]
    ids = set(found) - {"patient_name", "provider_name"}
    if first and "patient_name" not in found and ids and is_name(first) and not is_place(first):
        found["patient_name"] = _clean_name(first)
    return found


def _contracts(row: Row) -> list[Named]:
    """The member's number behind a mere ``Contract``, which names an amount in a column's head."""
    return [
        Named("member_id", at, at)
        for at, (label, number) in enumerate(pairwise(row.tokens))
        if label.text.lower().strip(_STRIPPED) in _CONTRACTS and _LETTERED.fullmatch(number.text)
    ]


_NOT_THE_CLAIMS = frozenset({
    "tax", "taxpayer", "federal", "payee", "employer", "npi", "payment", "check", "eft",
    "remittance", "remit", "voucher", "draft", "warrant", "ach", "trace", "deposit", "check/eft",
})  # fmt: skip


_PROVIDERS = frozenset({"provider", "prov", "facility", "vendor", "dentist", "physician", "office"})


_NO_PATIENTS = frozenset({
    "payee", "payer", "payor", "pay-to", "remit-to", "vendor", "office", "group", "plan",
    "employer",
})  # fmt: skip


def _of_the_payee(row: Row, name: Named) -> bool:
    """Whether a label ends a longer one of the payment's: ``Payee Name``, ``Payment Ref. No.``"""
    before = (row.tokens[name.first - 1].text.lower() if name.first else "").strip(".:")
    if name.role == "patient_name":
        return before in _NO_PATIENTS
    whose = name.role == "member_id" and before in _PROVIDERS
    return whose or (name.role != "provider_name" and before in _NOT_THE_CLAIMS)


def _of_an_id(row: Row, name: Named) -> bool:
    """Whether a party's label goes on as the label of its number: ``Provider TIN``."""
    at = name.last + 1
    if name.role not in {"patient_name", "provider_name"} or at >= len(row.tokens):
        return False
    label = row.tokens[name.last]
    ended = label.text.endswith(":")
    return not ended and row.tokens[at].text.lower().strip(".:#") in ID_LABELS


def _labels(row: Row, name: Named) -> bool:
    """Whether a role's name stands as a label: before a colon, or before a day."""
    after = row.tokens[name.last + 1] if name.last + 1 < len(row.tokens) else None
    dated = name.role == "service_on" and after is not None and after.day is not None
    return dated or row.tokens[name.last].text.endswith(":")


def day_heading(row: Row) -> Token | None:
    """The day of a row that holds nothing else: a heading over the services of that day."""
    days = [token for token in row.tokens if token.day is not None]
    named = {at for n in named_roles(row) if n.role == "service_on"
             for at in range(n.first, n.last + 1)}  # fmt: skip
    rest = [
        token.text.replace("(s)", "s").replace("(S)", "s").strip(_STRIPPED + ".-").lower()
        for at, token in enumerate(row.tokens)
        if token.day is None and at not in named
    ]
    if len(days) != 1 or row.amounts or not all(word in _OF_A_DAY for word in rest):
        return None
    return days[0]


def day_named(row: Row) -> Token | None:
    """The day of services that a row names with a label, or that it is a heading of."""
    for name in named_roles(row):
        own = name.role == "service_on" and not _of_something(row, name)
        if own and name.last + 1 < len(row.tokens):
            after = row.tokens[name.last + 1]
            if after.day is not None:
                return after
    return day_heading(row)


def _of_something(row: Row, name: Named) -> bool:
    """Whether a bare ``Date`` stands behind a word that says of what: ``Process Date:``."""
    bare = name.first == name.last and row.tokens[name.last].text.lower().strip(":.") == "date"
    if not bare or not name.first:
        return False
    before = row.tokens[name.first - 1]
    near = row.tokens[name.first].left - before.right <= before.height
    return near and before.day is None and before.text[-1].isalpha()


def _value(role: str, tokens: Sequence[Token], label: Token) -> list[Token]:
    """The tokens of a value: up to the next label or wide gap."""
    kept: list[Token] = []
    before = label
    for token in tokens:
        if not re.search(r"[A-Za-z0-9]", token.text):
            continue
        gap = token.left - before.right
        if kept and (gap > 2.0 * token.height or token.text.endswith(":")):
            break
        kept.append(token)
        before = token
        bare = token.text.strip(_STRIPPED)
        number = _ID.fullmatch(bare) and any(char.isdigit() for char in bare)
        if role not in {"patient_name", "provider_name"} and number:
            kept += _rest_of(token, tokens)
            break
    if role in {"patient_name", "provider_name"}:
        kept = _clean_name(kept)
    return kept if plausible(role, kept) else []


def _rest_of(token: Token, tokens: Sequence[Token]) -> list[Token]:
    """What a text engine cut off the end of a number: digits printed right behind it."""
    rest: list[Token] = []
    last = token
    for other in tokens[list(tokens).index(token) + 1 :]:
        near = other.left - last.right <= 0.7 * other.height
        if not (near and re.fullmatch(r"[0-9-]{1,12}", other.text)):
            break
        rest.append(other)
        last = other
    return rest


def _clean_name(tokens: Sequence[Token]) -> list[Token]:
    """A name without what is printed behind it in brackets or with digits.

    Small words before it belong to its label: ``Dentist of record``.
    """
    kept: list[Token] = []
    for token in tokens:
        if not kept and token.text[:1].islower():
            continue
        if kept and token.text.lower().strip(_STRIPPED) in STATUS_WORDS:
            break
        if not any(char.isalnum() for char in token.text):
            continue  # a dash between two pairs
        if token.text.startswith(("(", "[")) or sum(c.isdigit() for c in token.text) >= 2:
            break
        kept.append(token)
    return kept


def is_name(tokens: Sequence[Token]) -> bool:
    """Whether words are a person's name: two to five words of letters, none of the page's own."""
    tokens = _clean_name(tokens)
    words = [token.text.strip(",.") for token in tokens]
    return (
        2 <= len(words) <= 5
        and all(re.fullmatch(r"[A-Za-z][A-Za-z.'-]*", word) for word in words)
        and all(word[0].isupper() for word in words)
        and not any(word.lower() in _NO_NAME for word in words)
    )


def label_row(row: Row) -> list[Label]:
    """The labels of a row that holds nothing but labels of a claim; their values stand below."""
    if not row.bare:
        return []
    named = [n for n in named_roles(row) if n.role in CLAIM_LABELS or n.role == "service_on"]
    named = [
        name for name in named
        if not (_of_the_payee(row, name) or (name.role == "service_on" and _goes_on(row, name)))
    ]  # fmt: skip
    covered = sum(name.last - name.first + 1 for name in named)
    if len({name.role for name in named} - {"service_on"}) < 2 or covered < 0.7 * len(row.tokens):
        return _over_values(row, named)
    return [_label(row, name, named) for name in named]


def _goes_on(row: Row, name: Named) -> bool:
    """Whether a label's words go on behind a name: ``Date of injury``."""
    if name.last + 1 >= len(row.tokens):
        return False
    last, after = row.tokens[name.last], row.tokens[name.last + 1]
    beside = after.left - last.right <= max(last.height, after.height)
    return beside and after.text[:1].islower()


def _over_values(row: Row, named: Sequence[Named]) -> list[Label]:
    """The labels of a row of small labels over boxes, also those that nobody asks for."""
    runs, start = row.runs(), 0
    found: list[Label] = []
    for run in runs:
        end = start + len(run)
        if len(run) == 1 and _is_speck(run[0]):
            start = end
            continue
        inside = [n for n in named if start <= n.first and n.last == end - 1]
        role = inside[0].role if len(inside) == 1 else ""
        if (not role and not _asks(run)) or any(t.text.endswith(":") for t in run):
            return []
        found.append(Label(role, run[0].left, run[-1].right, whole=True))
        start = end
    told = {label.role for label in found} & set(CLAIM_LABELS)
    return found if len(runs) >= 2 and told else []


def _is_speck(token: Token) -> bool:
    """Whether a scan's word is a mark of dirt: one sign of which its engine is not sure."""
    return len(token.text) == 1 and token.confidence < _SPECK


def _asks(run: Sequence[Token]) -> bool:
    """Whether words are a label by their look: small words, or what is asked of a claim."""
    words = [token.text.strip(_STRIPPED + ".") for token in run]
    if len(words) > 5 or any(c.isdigit() for word in words for c in word):
        return False
    asked = any(word.lower() in _ASKED for word in words)
    return asked or (len(words) > 1 and any(word[:1].islower() for word in words))


_ASKED = frozenset({"date", "number", "no", "id", "code", "received", "type", "status", "due"})


def _label(row: Row, name: Named, named: Sequence[Named]) -> Label:
    """The label of a name, from where its run begins: a word before it is the payer's own."""
    start = 0
    for run in row.runs():
        if start <= name.first < start + len(run):
            break
        start += len(run)
    first = max([start, *(other.last + 1 for other in named if other.last < name.first)])
    return Label(name.role, row.tokens[first].left, row.tokens[name.last].right)


def values_below(labels: Sequence[Label], row: Row, shift: float = 0.0) -> dict[str, list[Token]]:
    """The values that stand under labels; empty when fewer than two are plausible."""
    least = 2
    if all(label.whole for label in labels):
        lefts = [
            token for before, token in zip((None, *row.tokens), row.tokens, strict=False)
            if before is None or token.left - before.right > _WORD_GAP * token.height
        ]  # fmt: skip
        if not all(any(abs(t.left - shift - o.left) <= t.height for o in labels) for t in lefts):
            return {}
        least = 1
    found: dict[str, list[Token]] = {}
    for token in row.tokens:
        before = [label for label in labels if label.left + shift <= token.left + token.height]
        label = max(before, key=lambda one: one.left) if before else labels[0]
        found.setdefault(label.role, []).append(token)
    found.pop("service_on", None)
    found.pop("", None)
    found = {role: _one_value(role, tokens) for role, tokens in found.items()}
    values = {role: kept for role, kept in found.items() if plausible(role, kept)}
    return values if len(values) >= least else {}


def _one_value(role: str, tokens: Sequence[Token]) -> list[Token]:
    """A number's own words without those of a column whose label was not read."""
    if role in {"patient_name", "provider_name"}:
        return list(tokens)
    kept: list[Token] = []
    for token in tokens:
        if kept and not any(c.isdigit() for c in token.text):
            break
        kept.append(token)
    return kept


def plausible(role: str, tokens: Sequence[Token]) -> bool:
    """Whether tokens can be the value of a claim's role."""
    text = joined(role, tokens)
    if role in {"patient_name", "provider_name"}:
        letters = sum(c.isalpha() for c in text)
        return len(text) >= 3 and letters >= 0.8 * len(text.replace(" ", ""))
    digits = any(c.isdigit() for c in text)
    words = [token.text.strip(_STRIPPED) for token in tokens]
    if any(len(word) > 3 and not any(c.isdigit() for c in word) for word in words):
        return False  # a word among the figures is of another column
    return bool(_ID.fullmatch(text)) and digits and not any(t.cents is not None for t in tokens)


def joined(role: str, tokens: Sequence[Token]) -> str:
    """A value's text: a name first name first, numbers without spaces."""
    text = " ".join(token.text for token in tokens).strip(_STRIPPED)
    if role not in {"patient_name", "provider_name"}:
        text = re.sub(r"^(?:(?:no|nr|nbr)[.:]|#)\s?", "", text, flags=re.IGNORECASE)
        text = text.rstrip(".,:;-")
    if role == "patient_name" and text.count(",") == 1:
        last, _, first = text.partition(",")
        text = f"{first.strip()} {last.strip()}".strip()
    return text if role in {"patient_name", "provider_name"} else text.replace(" ", "")


def status_in(text: str) -> str | None:
    """The claim's status (CLP02) that a heading names."""
    return next((status for words, status in _STATUS if words.search(text)), None)
