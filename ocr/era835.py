"""The X12 835 remittance: a file read payment by payment, and everything that is wrong with it.

Follows the health care guides 005010X221A1 and 004010X091A1.
"""

from __future__ import annotations

from collections.abc import Iterator

from ocr import x12
from ocr.era_balance import advisories, as_finding, imbalances
from ocr.era_envelope import Envelopes
from ocr.era_model import Interchange, Transaction
from ocr.era_segments import Reader
from ocr.x12 import Document, Finding

__all__ = ["check", "findings", "imbalances", "parse", "payments", "read"]


def read(data: bytes) -> Interchange:
    """An 835 file from its bytes, whatever they are; ``to_bytes`` gives them back."""
    text, encoding = x12.text_of(data)
    return parse(text, encoding)


def parse(text: str, encoding: str = "utf-8") -> Interchange:
    """Read an 835 file whole; faults become findings, only a file that is no X12 raises."""
    walk = _Walk(text)
    transactions = tuple(walk.payments())
    return Interchange(Document(text, tuple(walk.split), encoding), transactions, walk.findings())


def payments(text: str) -> Iterator[Transaction]:
    """The payments of a file one by one, each whole: no more than one of them is held.

    Raises as ``parse`` does, at the first.
    """
    return _Walk(text).payments()


def check(text: str) -> list[Finding]:
    """All syntax and balance findings of a file, advisory ones after them; holds one payment."""
    walk = _Walk(text)
    broken: list[Finding] = []
    odd: list[Finding] = []
    for payment in walk.payments():
        broken += map(as_finding, imbalances(payment))
        odd += advisories(payment)
    return _ordered(walk.findings(), broken, odd)


def findings(interchange: Interchange) -> list[Finding]:
    """The same of a parsed file."""
    broken = [as_finding(e) for payment in interchange.transactions for e in imbalances(payment)]
    odd = [each for payment in interchange.transactions for each in advisories(payment)]
    return _ordered(interchange.findings, broken, odd)


def _ordered(
    found: tuple[Finding, ...], broken: list[Finding], odd: list[Finding]
) -> list[Finding]:
    firm = [each for each in found if not each.advisory]
    return [*firm, *broken, *(each for each in found if each.advisory), *odd]


class _Walk:
    """One pass over a file: its segments, what encloses them, and what they say."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.split: list[Finding] = []
        self._envelopes = Envelopes()
        self._reader = Reader()

    def payments(self) -> Iterator[Transaction]:
        """Each payment as it ends; ``findings`` are whole after the last."""
        for segment in x12.scan(self.text, self.split):
            known = len(self._envelopes.findings)
            self._envelopes.see(segment)
            if segment.name == "SE":
                self._reader.told(self._envelopes.findings[known:])
            self._reader.see(segment)
            yield from self._reader.ended()
        self._envelopes.end()
        self._reader.close()
        yield from self._reader.ended()

    def findings(self) -> tuple[Finding, ...]:
        """The faults of splitting, enclosing and reading, each in file order."""
        return (*self.split, *self._envelopes.findings, *self._reader.findings)
