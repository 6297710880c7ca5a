"""Amounts of a check: numerals, words and the MICR amount field, and what they say together.

No single reader is believed at 0.9: two engines on one box can share its mistake (a wrong box, a
stray stroke), so numerals need the words, the amount field or the bank's record beside them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ocr.types import Alternative, ReadingWarning

MAX_CENTS = 99_999_999_99

_MONEY = re.compile(
    r"(?<![0-9/\-])(?P<whole>[0-9]{1,3}(?:[,.' ][0-9]{3})+|[0-9]{1,7})\s*[.,\-]\s*"
    r"(?P<cents>[0-9]{2})(?![0-9/%\-])"
)
_OVER_100 = re.compile(
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,7})\s*(?:[.,&+\-]|and)?\s+?"
    r"(?P<cents>[0-9]{2}|xx|no|oo)\s*[/%\\|]\s*(?:[1l|][0o]{2}|xx|[0o]{2}|$)?",
    re.IGNORECASE,
)
_LOOKALIKE = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "|": "1", "S": "5", "B": "8"})


@dataclass(frozen=True, slots=True)
class AmountVote:
    """One reader's opinion: an amount in cents, its own probability, and who says so.

    ``source`` is ``numerals``, ``words``, ``micr`` or ``x9_record``.
    """

    cents: int
    confidence: float
    source: str


@dataclass(frozen=True, slots=True)
class Fused:
    """The amount to rely on, with what else it may be; ``cents`` None when nothing is known."""

    cents: int | None
    confidence: float
    source: str
    alternatives: tuple[Alternative, ...] = ()
    warnings: tuple[ReadingWarning, ...] = ()


def parse_numerals(text: str) -> tuple[int, tuple[int, int]] | None:
    """Cents and the span of ``text`` that says them; None when no cents are written.

    Takes ``$1,234.56``, ``1234 56/100``, ``**125.00**``, ``1.234.56``, ``100 00/100``.
    """
    match = _MONEY.search(text) or _OVER_100.search(text)
    if match is None:
        tidy = re.sub(r"(?<=[0-9.,])[OolI|SB]|[OolI|SB](?=[0-9.,])", _digit, text)
        match = _MONEY.search(tidy) or _OVER_100.search(tidy)
    if match is None:
        return None
    part = match["cents"].lower()
    cents = int(part) if part.isdigit() else 0
    whole = int(re.sub(r"[^0-9]", "", match["whole"]))
    total = 100 * whole + cents
    return (total, match.span()) if 0 < total <= MAX_CENTS else None


def _digit(match: re.Match[str]) -> str:
    return match.group().translate(_LOOKALIKE)


def fuse(votes: tuple[AmountVote, ...]) -> Fused:
    """One amount from all readers; a contradiction is told, and never sure.

    Each independent source that names the same amount multiplies the odds against error; two
    sources that contradict each other leave the better one below 0.6 (the bank's record: 0.85).
    """
    if not votes:
        return Fused(None, 0.0, "")
    doubts: dict[int, float] = {}
    sources: dict[int, list[str]] = {}
    for vote in votes:
        # A floor for what readers cannot know of themselves: a box misplaced, a stroke lost.
        doubt = max(0.02 if vote.source == "x9_record" else 0.12, 1.0 - vote.confidence)
        doubts[vote.cents] = doubts.get(vote.cents, 1.0) * doubt
        sources.setdefault(vote.cents, []).append(vote.source)
    ranked = sorted(doubts, key=lambda cents: doubts[cents])
    best = ranked[0]
    confidence = min(0.995, 1.0 - doubts[best])
    if len(set(sources[best])) == 1 and "x9_record" not in sources[best]:
        confidence = min(confidence, 0.8)
    warnings: tuple[ReadingWarning, ...] = ()
    rivals = [vote for vote in votes if vote.cents != best and vote.confidence >= 0.5]
    if rivals:
        recorded = "x9_record" in sources[best]
        outvoted = len(set(sources[best])) >= 3
        confidence = min(confidence, 0.85 if recorded or outvoted else 0.55)
        warnings = (ReadingWarning("amount_mismatch", _told(votes)),)
    elif len(ranked) > 1:
        confidence = min(confidence, 0.93)
    others = tuple(
        Alternative(cents, round(min(0.5, (1.0 - doubts[cents]) * (1.0 - confidence) * 2), 4))
        for cents in ranked[1:4]
    )
    return Fused(best, round(confidence, 4), "+".join(sorted(set(sources[best]))), others, warnings)


_NAMES = {
    "numerals": "numerals",
    "words": "words",
    "micr": "the MICR amount field",
    "x9_record": "the bank's record",
}


def _told(votes: tuple[AmountVote, ...]) -> str:
    """``numerals read 125.00, words read 152.00``."""
    said = [
        f"{_NAMES.get(vote.source, vote.source)} read {vote.cents // 100}.{vote.cents % 100:02d}"
        for vote in votes
    ]
    return ", ".join(dict.fromkeys(said))
