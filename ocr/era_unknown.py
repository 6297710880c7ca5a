"""What an 835 of ours says where the guide asks for something that nobody knows.

Nothing is made up: text says that it is not known, numbers are zeros, and our reader takes both
for nothing. The guide itself asks for CLP01 ``0`` where the claim's account number is not known.
"""

from __future__ import annotations

TEXT = "NOT KNOWN"
NUMBER = "0"
TAX_ID = "000000000"
PAYER_ID = "0000000000"
_ALL = {TEXT, NUMBER, TAX_ID, PAYER_ID}


def known(text: str | None) -> str | None:
    """The text, or None where it is empty or says that nothing is known."""
    return None if not text or text in _ALL else text
