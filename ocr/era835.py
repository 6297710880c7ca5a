"""The X12 835 remittance: a file read whole, and everything that is wrong with it.

Follows the health care guides 005010X221A1 and 004010X091A1.
"""

from __future__ import annotations

from ocr import x12
from ocr.era_balance import advisories, as_finding, imbalances
from ocr.era_envelope import envelope_findings
from ocr.era_model import Interchange
from ocr.era_segments import Reader
from ocr.x12 import Finding

__all__ = ["check", "findings", "imbalances", "parse", "read"]


def read(data: bytes) -> Interchange:
    """An 835 file from its bytes, whatever they are; ``to_bytes`` gives them back."""
    text, encoding = x12.text_of(data)
    return parse(text, encoding)


def parse(text: str, encoding: str = "utf-8") -> Interchange:
    """Read an 835 file; faults become findings, only a file that is no X12 raises."""
    document = x12.tokenize(text, encoding)
    reader = Reader()
    reader.read(document)
    found = (*document.findings, *envelope_findings(document), *reader.findings)
    return Interchange(document, tuple(reader.transactions), found)


def check(text: str) -> list[Finding]:
    """All syntax and balance findings of a file, advisory ones after them."""
    return findings(parse(text))


def findings(interchange: Interchange) -> list[Finding]:
    """All findings of a parsed file (``era check``): syntax, balance, then advisory ones."""
    broken = [as_finding(e) for payment in interchange.transactions for e in imbalances(payment)]
    odd = [each for payment in interchange.transactions for each in advisories(payment)]
    firm = [each for each in interchange.findings if not each.advisory]
    return [*firm, *broken, *(e for e in interchange.findings if e.advisory), *odd]
