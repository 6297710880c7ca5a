"""The plain way: Tesseract over the whole page, the reason by likeness, the name looked up."""

from __future__ import annotations

import re
from typing import Any

from rapidfuzz import fuzz

from bench.envelopes.facts import TEXTS
from intake.types import Page
from ocr import engine
from ocr.text import from_words
from web.demo.group import Group

_LEAST = 75.0
_NAME_LEAST = 90.0
_TOWN = re.compile(r"[A-Z]{2}\s+\d{5}(-\d{4})?$")


def read(page: Page, group: Group, office: str) -> dict[str, Any]:
    """Reason, account, statement (the newest of the account) and forwarding address."""
    words = engine.text_engine().read_words(page.pixels, page.dpi)
    lines = [line.text for line in from_words(0, "", words).lines]
    account = _account(lines, group, office)
    mailed = [s for s in group.statements if s.account_number == account]
    newest = max(mailed, key=lambda each: each.mailed_on, default=None)
    return {
        "reason": _reason(lines), "account": account,
        "statement": newest.statement_number if newest else None, "forward": _forward(lines),
    }  # fmt: skip


def _reason(lines: list[str]) -> str | None:
    scored = [
        (fuzz.ratio(line.upper(), text), reason)
        for line in lines for reason, texts in TEXTS.items() for text in texts
    ]  # fmt: skip
    score, reason = max(scored, default=(0.0, ""))
    return reason if score >= _LEAST else None


def _account(lines: list[str], group: Group, office: str) -> str | None:
    best, number = 0.0, None
    for account in group.accounts:
        if account.office_code != office:
            continue
        name = account.guarantor.upper()
        score = max((fuzz.ratio(line.upper(), name) for line in lines), default=0.0)
        if score > best:
            best, number = score, account.account_number
    return number if best >= _NAME_LEAST else None


def _forward(lines: list[str]) -> str | None:
    """The two lines that end in a town, after the line of the notice."""
    for place, line in enumerate(lines):
        if any(fuzz.ratio(line.upper(), text) >= _LEAST for text in TEXTS["new_address"]):
            for later in range(place + 2, min(place + 6, len(lines))):
                if _TOWN.search(lines[later].strip()):
                    return f"{lines[later - 1]}\n{lines[later]}"
    return None
