"""Smarty's US Street Address API.

Facts of its documentation (smarty.com/docs/cloud/us-street-api): ``GET /street-address`` with
``auth-id``, ``auth-token`` and the address; 200 with a JSON list of candidates, an empty one
where nothing matches; 401 for wrong keys, 402 for a subscription that does not cover it, 429 with
Retry-After; ``analysis`` has ``dpv_match_code``, ``dpv_footnotes``, ``dpv_vacant``, ``active``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from records import clock
from records.errors import WrongUse
from returned_mail.address import Address, standardise
from returned_mail.verify.http import Line, Page, usual
from returned_mail.verify.types import Question, Reply, Request, Verdict, Verified

URL: Final = "https://us-street.api.smarty.com"
PER_HOUR: Final = 1000
NAME: Final = "smarty"
_DPV: Final[dict[str, Verdict]] = {
    "Y": "deliverable", "D": "missing_secondary", "S": "missing_secondary", "N": "undeliverable",
}  # fmt: skip
_MOST_CANDIDATES = 5


class Smarty:
    """Asks Smarty."""

    def __init__(self, line: Line, auth_id: str, auth_token: str) -> None:
        self._line, self._id, self._token = line, auth_id, auth_token

    @property
    def requests(self) -> list[Request]:
        """See ``Adapter``."""
        return self._line.requests

    def ask(self, question: Question) -> Reply:
        """See ``Adapter``."""
        address = question.address
        params = {
            "auth-id": self._id, "auth-token": self._token, "street": address.street,
            "city": address.city, "state": address.state, "zipcode": address.zip,
            "candidates": str(_MOST_CANDIDATES),
        }  # fmt: skip
        page = self._line.send("GET", "street-address", params=params)
        if isinstance(page, Reply):
            return page
        if page.status == 402:
            return Reply("keys_refused", "keys_refused")
        if page.status in {400, 413, 422}:
            return Reply("refused", "refused")
        return usual(page) or _read(page)


def _read(page: Page) -> Reply:
    rows = page.body
    if page.status != 200 or not isinstance(rows, list):
        return Reply("lost", "unreadable")
    if not rows:
        return Reply("ok", "answered", Verified("undeliverable", NAME, clock.now(), raw=rows))
    found = [_candidate(row) for row in rows]
    if any(each is None for each in found):
        return Reply("lost", "unreadable")
    address, codes = found[0] or (None, {})
    dpv = codes.get("dpv", "")
    verdict: Verdict = "ambiguous" if len(found) > 1 else _DPV.get(dpv, "unknown")
    if len(found) > 1:
        address = None
    return Reply("ok", "answered", Verified(verdict, NAME, clock.now(), address, None, codes, rows))


def _candidate(row: Any) -> tuple[Address, dict[str, str]] | None:
    if not isinstance(row, dict):
        return None
    parts, analysis = row.get("components"), row.get("analysis")
    if not isinstance(parts, dict) or not isinstance(analysis, dict):
        return None
    address = _address(row, parts)
    if address is None:
        return None
    codes = {
        "dpv": str(analysis.get("dpv_match_code") or ""),
        "footnotes": str(analysis.get("dpv_footnotes") or ""),
        "vacant": str(analysis.get("dpv_vacant") or ""),
        "cmra": str(analysis.get("dpv_cmra") or ""),
        "active": str(analysis.get("active") or ""),
    }
    return address, {name: text for name, text in codes.items() if text}


def _address(row: Mapping[str, Any], parts: Mapping[str, Any]) -> Address | None:
    lines = (str(row.get(f"delivery_line_{number}") or "") for number in (1, 2))
    urbanization = str(parts.get("urbanization") or "")
    street = " ".join(line for line in lines if line)
    code = str(parts.get("zipcode") or "")
    if parts.get("plus4_code"):
        code = f"{code}-{parts['plus4_code']}"
    try:
        return standardise(
            f"URB {urbanization} {street}" if urbanization and "URB" not in street else street,
            str(parts.get("city_name") or ""),
            str(parts.get("state_abbreviation") or ""),
            code,
        )
    except WrongUse:
        return None
