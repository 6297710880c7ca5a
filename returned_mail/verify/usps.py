"""The United States Postal Service's Addresses API v3.

Facts of its documentation (developers.usps.com, github.com/USPS/api-examples): OAuth 2.0 client
credentials at ``/oauth2/v3/token`` give a bearer token with ``expires_in`` seconds; ``GET
/addresses/v3/address`` takes streetAddress, secondaryAddress, city, state and ZIPCode and answers
the standardised address with ``additionalInfo`` (earlier: ``addressAdditionalInfo``), in it
``DPVConfirmation``; ``corrections`` carry codes, 32 for a missing unit and 22 for several
addresses; 429 when the hour's quota is used up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from records import clock
from records.errors import WrongUse
from returned_mail.address import Address, standardise
from returned_mail.verify.http import Line, Page, usual
from returned_mail.verify.types import Question, Reply, Request, Verdict, Verified

URL: Final = "https://apis.usps.com"
PER_HOUR: Final = 60
NAME: Final = "usps"
_EARLY = timedelta(seconds=60)
_DPV: Final[dict[str, Verdict]] = {
    "Y": "deliverable", "D": "missing_secondary", "S": "missing_secondary", "N": "undeliverable",
}  # fmt: skip
_MISSING_UNIT, _SEVERAL = "32", "22"

Token = tuple[str, datetime]
"""An access token and when it ends."""


class Usps:
    """Asks USPS; ``held`` is a token in use, ``keep`` is called with a new one (None: it ended)."""

    def __init__(
        self,
        line: Line,
        client_id: str,
        client_secret: str,
        held: Token | None = None,
        keep: Callable[[Token | None], None] = lambda _token: None,
    ) -> None:
        self._line, self._id, self._secret = line, client_id, client_secret
        self._held, self._keep = held, keep

    @property
    def requests(self) -> list[Request]:
        """See ``Adapter``."""
        return self._line.requests

    def ask(self, question: Question) -> Reply:
        """See ``Adapter``; a token that ended early is asked for anew, once."""
        for _ in range(2):
            token = self._token()
            if isinstance(token, Reply):
                return token
            page = self._line.send(
                "GET",
                "addresses/v3/address",
                params=_params(question.address),
                headers={"Authorization": f"Bearer {token}"},
            )
            if isinstance(page, Reply):
                return page
            if page.status != 401:
                return usual(page) or _read(page)
            self._held = None
            self._keep(None)
        return Reply("keys_refused", "keys_refused")

    def _token(self) -> str | Reply:
        if self._held is not None and self._held[1] - _EARLY > clock.now():
            return self._held[0]
        body = {
            "client_id": self._id, "client_secret": self._secret,
            "grant_type": "client_credentials",
        }  # fmt: skip
        page = self._line.send("POST", "oauth2/v3/token", body=body)
        if isinstance(page, Reply):
            # Nothing was looked up yet, whatever became of the token.
            return page if page.kind == "redirected" else Reply("not_taken", page.code)
        told = usual(page)
        if told is not None:
            return told if told.kind != "lost" else Reply("not_taken", told.code)
        said = page.body if isinstance(page.body, dict) else {}
        token = said.get("access_token")
        if page.status != 200:
            return Reply("keys_refused", "keys_refused")
        if not isinstance(token, str) or not token or not token.isascii():
            return Reply("not_taken", "unreadable")
        try:
            seconds = min(max(float(said.get("expires_in") or 0), 0.0), 7 * 24 * 3600.0)
        except (TypeError, ValueError):
            seconds = 0.0
        self._held = (token, clock.now() + timedelta(seconds=seconds))
        self._keep(self._held)
        return token


def _params(address: Address) -> dict[str, str]:
    delivery = address.delivery
    unit = delivery.text("unit")
    street = " ".join(
        part.text for part in delivery.parts
        if part.role not in {"unit", "care_of", "urbanization"}
    )  # fmt: skip
    said = {
        "streetAddress": street, "secondaryAddress": unit, "city": address.city,
        "state": address.state, "ZIPCode": address.zip[:5], "ZIPPlus4": address.zip[6:],
        "urbanization": delivery.text("urbanization").removeprefix("URB "),
    }  # fmt: skip
    return {name: text for name, text in said.items() if text}


def _read(page: Page) -> Reply:
    body = page.body if isinstance(page.body, dict) else {}
    if page.status in {400, 404}:
        return _not_found(page, body)
    if page.status != 200:
        return Reply("lost", "unreadable")
    info = body.get("additionalInfo") or body.get("addressAdditionalInfo")
    said = body.get("address")
    if not isinstance(said, dict) or not isinstance(info, dict | None):
        return Reply("lost", "unreadable")
    info = info or {}
    address = _address(said)
    if address is None:
        return Reply("lost", "unreadable")
    dpv = str(info.get("DPVConfirmation") or "")
    corrections = _codes(body.get("corrections") or body.get("addressCorrections"))
    verdict = _DPV.get(dpv, "unknown")
    if _SEVERAL in corrections:
        verdict = "ambiguous"
    elif _MISSING_UNIT in corrections and verdict != "undeliverable":
        verdict = "missing_secondary"
    codes = {
        "dpv": dpv,
        "footnotes": " ".join(corrections),
        "matches": " ".join(_codes(body.get("matches") or body.get("addressMatches"))),
        "vacant": str(info.get("vacant") or ""),
        "cmra": str(info.get("DPVCMRA") or ""),
    }
    codes = {name: text for name, text in codes.items() if text}
    return Reply("ok", "answered", Verified(verdict, NAME, clock.now(), address, None, codes, body))


def _not_found(page: Page, body: Mapping[str, Any]) -> Reply:
    """An address that is not there is an answer; a question not understood is none."""
    error = body.get("error")
    text = str(error if isinstance(error, dict) else "").lower()
    if "multiple" in text:
        verdict: Verdict = "ambiguous"
    elif page.status == 404 or "not found" in text or "no match" in text:
        verdict = "undeliverable"
    else:
        return Reply("refused", "refused")
    if not isinstance(error, dict):
        return Reply("lost", "unreadable")  # a 404 of something else than the service
    return Reply("ok", "answered", Verified(verdict, NAME, clock.now(), raw=dict(body)))


def _address(said: Mapping[str, Any]) -> Address | None:
    def text(name: str) -> str:
        return str(said.get(name) or "").strip()

    city, street = text("urbanization"), f"{text('streetAddress')} {text('secondaryAddress')}"
    street = f"URB {city} {street}" if city else street
    code = f"{text('ZIPCode')}-{text('ZIPPlus4')}" if text("ZIPPlus4") else text("ZIPCode")
    try:
        return standardise(street, text("city"), text("state"), code)
    except WrongUse:
        return None


def _codes(said: Any) -> list[str]:
    rows = said if isinstance(said, list) else []
    return [str(row["code"]) for row in rows if isinstance(row, dict) and row.get("code")]
