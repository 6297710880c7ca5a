"""Letters from patients and offices, and sheets that carry nothing."""

from __future__ import annotations

import random
from dataclasses import dataclass

from web.demo.fonts import MONO, SERIF
from web.demo.group import Account, Office
from web.demo.sheet import Sheet

TOPICS: dict[str, str] = {
    "dispute": (
        "I am writing about statement {statement}. I was told that my insurance would cover this "
        "visit in full, and now I am billed for ${balance}. Please review the charges with my "
        "insurance company before you send me another bill."
    ),
    "records": (
        "Please send a copy of my records and X-rays for account {account} to my new provider. "
        "I have moved and will no longer be able to come to your office. Thank you for the care "
        "that you have given our family."
    ),
    "plan": (
        "I cannot pay the whole balance of ${balance} on account {account} at this time. I could "
        "pay forty dollars each month on the first. Please call me to set this up."
    ),
}


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """A letter about an account."""

    account: Account
    office: Office
    topic: str
    statement_number: str
    balance: str
    dated: str
    hand: str | None = None

    @property
    def body(self) -> str:
        """The letter's text."""
        return TOPICS[self.topic].format(
            statement=self.statement_number,
            account=self.account.account_number,
            balance=self.balance,
        )


def draw_letter(facts: LetterFacts, dpi: int, rng: random.Random) -> Sheet:
    """A letter of 8.5 x 11 inches, typed or handwritten."""
    sheet = Sheet(8.5, 11, dpi)
    account, office = facts.account, facts.office
    head = [
        account.guarantor,
        *account.address,
        "",
        facts.dated,
        "",
        office.name,
        office.street,
        f"{office.city}, {office.state} {office.zip}",
        "",
        "To the billing office,",
        "",
    ]
    rows = head + _wrap(facts.body, 62) + ["", "Sincerely,", account.guarantor]
    face = rng.choice((SERIF, MONO))
    y = 1.2
    for row in rows:
        if facts.hand is None:
            sheet.text(1.0, y, row, face=face, pt=11)
        elif row:
            sheet.hand(rng, 1.0, y, row, face=facts.hand, digit=0.12, fit=6.7)
        y += 0.27
    return sheet


def _wrap(text: str, width: int) -> list[str]:
    rows, row = [], ""
    for word in text.split():
        if row and len(row) + 1 + len(word) > width:
            rows.append(row)
            row = word
        else:
            row = f"{row} {word}".strip()
    return [*rows, row]


def draw_blank(width: float, height: float, dpi: int, rng: random.Random) -> Sheet:
    """An empty side, with some dust."""
    sheet = Sheet(width, height, dpi, (253, 253, 252))
    for _ in range(rng.randint(2, 9)):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        sheet.box(x, y, rng.uniform(0, 0.012), rng.uniform(0, 0.012), outline=None,
                  fill=(150, 150, 150))  # fmt: skip
    return sheet
