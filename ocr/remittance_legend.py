"""The payer's own codes and what the pages say of them: a legend anywhere in the document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from ocr.claim_codes import reason_of_words
from ocr.remittance_rows import Row

_OPENS = re.compile(
    r"\b(explanation|description|meaning|key|legend|following|definition)s?\b.{0,40}\b(codes?|"
    r"messages?|remarks?|notes?)\b|\b(codes?|remarks?|messages?|notes?|footnotes?)\b.{0,25}"
    r"\b(explan|descr|legend|meaning|key|definition)|^\W*(notes?|remarks?|messages?|legend|"
    r"footnotes?|(reason|remark|adjustment|adj|eob|message|note|denial|explanation|ex|edit) codes?)"
    r"\W*$|^\W*(reason|remark|adjustment|message|note|denial|explanation) codes? "
    r"(on|in|used|shown)\b",
    re.IGNORECASE,
)
_CODE = re.compile(r"^[(*\[]?(?:C[O0]|PR|OA|PI|CR)?-?[A-Z]{0,3}\d{1,4}[A-Z]?[)\]]?[:.=]?$")
_LETTERS = re.compile(r"^\([A-Z]{1,2}\)[:.=]?$|^\*[A-Z]{1,2}[:.=]?$|^[A-Z][:=]$")
_LETTER = re.compile(r"^[A-Z]{1,2}$")  # a code only where a dash follows
_ONE_LETTER = re.compile(r"^[A-Z]$")
_NAMES_CODE = re.compile(
    r"^(rc|code|note|remark|reason|eob|msg|message|ex|ansi)s?[:.]?$", re.IGNORECASE
)
_LONE = re.compile(r"^\(?[A-Z]{0,2}-?\d{0,4}[A-Z]?\)?[:.=-]?$")
_APART = 2.0  # heights between what stands side by side, at least
_BETWEEN = frozenset({"-", "\u2013", "\u2014", "=", ":"})


def legend_of(pages: Sequence[Sequence[Row]]) -> tuple[dict[str, str], set[tuple[int, int]]]:
    """Codes with their words, and the rows (page, number) that are the legend's."""
    legend: dict[str, str] = {}
    rows_taken: set[tuple[int, int]] = set()
    for rows in pages:
        open_, last = False, ""
        for row in rows:
            if row.amounts:
                open_ = False
                legend.update(_beside_sums(row))
                continue
            if _OPENS.search(row.text) and len(row.tokens) <= 12:
                open_, last = True, ""
                rows_taken.add((row.page, row.number))
                continue
            entries = _entries(row, strict=not open_)
            if entries:
                legend.update(entries)
                rows_taken.add((row.page, row.number))
                last = list(entries)[-1] if open_ else ""
            elif open_ and last and _goes_on(row):
                legend[last] = f"{legend[last]} {row.text}"
                rows_taken.add((row.page, row.number))
            else:
                open_ = False
    return legend, rows_taken


def _beside_sums(row: Row) -> dict[str, str]:
    """The entry that a row holds at its left, where the payment's sums stand at its right."""
    words = list(row.line.words)
    end = next(
        (
            at
            for at, (before, word) in enumerate(pairwise(words), start=1)
            if word.box[0] - before.box[0] - before.box[2] > _APART * row.height
        ),
        len(words),
    )
    left = words[end - 1].box[0] + words[end - 1].box[2]
    if end == len(words) or any(token.box[0] < left for token in row.amounts):
        return {}
    return _entries_of([word.text for word in words[:end]], strict=True)


def _goes_on(row: Row) -> bool:
    letters = sum(c.isalpha() for c in row.text)
    return letters >= 0.7 * len(row.text.replace(" ", "")) and ":" not in row.text


def _entries(row: Row, *, strict: bool) -> dict[str, str]:
    """Code and words pairs of a row; ``strict`` outside of a legend: only ``A17 - words``."""
    return _entries_of([word.text for word in row.line.words], strict=strict)


def _letters_of(words: Sequence[str]) -> dict[str, str]:
    """A key in one line, ``Letters: D deductible C copayment``: each means a known reason."""
    starts = [at for at, word in enumerate(words) if _ONE_LETTER.match(word)]
    if len(starts) < 2 or (starts[0] and not words[starts[0] - 1].endswith(":")):
        return {}
    ends = [*starts[1:], len(words)]
    told = {words[a]: " ".join(words[a + 1 : b]) for a, b in zip(starts, ends, strict=True)}
    whole = len(told) == len(starts) and all(reason_of_words(text) for text in told.values())
    return told if whole else {}


def _entries_of(words: Sequence[str], *, strict: bool) -> dict[str, str]:
    if letters := _letters_of(words):
        return letters
    if len(words) >= 3 and _NAMES_CODE.match(words[0]) and _LONE.match(words[1]):
        text = " ".join(word for word in words[2:] if word not in _BETWEEN)
        return {words[1].strip("():=.-"): text} if sum(c.isalpha() for c in text) >= 6 else {}
    starts = [
        at
        for at, word in enumerate(words)
        if _is_code(words, at, strict=strict) and (at == 0 or not _CODE.match(words[at - 1]))
    ]
    if not starts or starts[0] != 0:
        return {}
    found: dict[str, str] = {}
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(words)
        told = words[start + 1 : end]
        marked = words[start][-1] in ":=" or (bool(told) and told[0] in _BETWEEN)
        text = " ".join(word for word in told if word not in _BETWEEN).strip()
        if strict and not marked:
            return {}
        if sum(c.isalpha() for c in text) >= 6:
            found[words[start].strip("():=.*[]")] = text
        elif number == 0:
            return {}
    return found


def _is_code(words: Sequence[str], at: int, *, strict: bool) -> bool:
    """Whether a word may open an entry; a bare letter only in a legend, before a dash."""
    word = words[at]
    if _CODE.match(word) or _LETTERS.match(word):
        return True
    before_dash = at + 2 < len(words) and words[at + 1] in _BETWEEN
    return not strict and before_dash and _LETTER.match(word) is not None
