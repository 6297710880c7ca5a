"""What a drawn returned envelope is: the statement in it, why it came back, how that is shown."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from web.demo.group import Account, Group, Office, Statement
from web.demo.names import FIRST, LAST, STREET_KINDS, STREETS

Design = Literal["tune", "held_out"]
Mark = Literal["label", "two_labels", "cfs", "stamp", "ticked", "hand", "opened", "nothing"]
Trouble = Literal["plain", "name_cut", "town_cut", "own_address", "over_address", "over_bars",
                  "skew", "upside_down"]  # fmt: skip
Light = Literal["color_200", "color_300", "gray_200", "gray_300", "bitonal_200", "bitonal_300"]

TEXTS: dict[str, tuple[str, ...]] = {
    "new_address": ("NOTIFY SENDER OF NEW ADDRESS", "FORWARD TIME EXP RTN TO SEND"),
    "moved_no_address": ("MOVED LEFT NO ADDRESS",),
    "box_closed": ("BOX CLOSED - NO ORDER",),
    "temp_away": ("TEMPORARILY AWAY",),
    "attempted_not_known": ("ATTEMPTED - NOT KNOWN",),
    "insufficient": ("INSUFFICIENT ADDRESS", "RETURNED FOR BETTER ADDRESS"),
    "no_such_number": ("NO SUCH NUMBER",),
    "no_such_street": ("NO SUCH STREET",),
    "not_deliverable_utf": ("NOT DELIVERABLE AS ADDRESSED", "FORWARDING TIME EXPIRED",
                            "NO SUCH OFFICE", "OUTSIDE DELIVERY LIMITS"),
    "no_receptacle": ("NO MAIL RECEPTACLE",),
    "vacant": ("VACANT",),
    "unclaimed": ("UNCLAIMED",),
    "refused": ("REFUSED",),
    "deceased": ("DECEASED",),
    "in_dispute": ("IN DISPUTE",),
    "illegible": ("ILLEGIBLE",),
    "cmra_suspended": ("DELIVERY SUSPENDED TO COMMERCIAL MAIL RECEIVING AGENCY",),
    "postage": ("RETURNED FOR POSTAGE",),
}  # fmt: skip
"""The taxonomy's label texts (DMM 507 Exhibit 1.4.1 and what labels print)."""
WRITTEN = ("Not at this address!", "MOVED", "Wrong person", "RTS", "No longer lives here",
           "Does not live here", "Return to sender - not here")  # fmt: skip
OPENED = ("Opened by mistake", "Opened in error", "Opened by mistake, not mine")
_TROUBLES: tuple[Trouble, ...] = ("plain", "plain", "plain", "name_cut", "town_cut", "own_address",
                                  "over_address", "over_bars", "skew", "upside_down")  # fmt: skip
_OF_WINDOWS: frozenset[Trouble] = frozenset({"name_cut", "town_cut", "own_address"})
_OF_LABELS: frozenset[Trouble] = frozenset({"over_address", "over_bars"})
_LIGHTS: tuple[Light, ...] = ("color_200", "gray_200", "bitonal_200", "color_300", "gray_300",
                              "bitonal_300", "color_200", "bitonal_200")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """A piece that came back. ``statement`` is None for another company's mail.

    ``older`` is the reason on a first label under a second one; ``forward`` the new street and
    town lines, ``forward_name`` the name above them; ``written`` what somebody wrote by hand.
    """

    index: int
    design: Design
    office: Office
    account: Account
    statement: Statement | None
    reason: str
    text: str
    mark: Mark
    trouble: Trouble
    light: Light
    window: bool
    bars: bool
    coupon: bool
    label_on: date
    label_id: str
    older: str = ""
    forward: tuple[str, str] | None = None
    forward_name: str = ""
    written: str = ""

    @property
    def name(self) -> str:
        """The guarantor as the window shows it."""
        return self.account.guarantor.upper()

    @property
    def address(self) -> tuple[str, str]:
        """Street and town lines in the window."""
        zip_code = self.account.zip
        if self.statement is not None:
            digits = self.statement.imb[20:]
            zip_code = f"{digits[:5]}-{digits[5:9]}"
        return (
            self.account.street.upper(),
            f"{self.account.city} {self.account.state} {zip_code}".upper(),
        )

    def truth(self) -> dict[str, Any]:
        """Reason, account, statement and forwarding address."""
        return {
            "reason": self.reason,
            "account": self.account.account_number if self.statement else None,
            "statement": self.statement.statement_number if self.statement else None,
            "forward_name": self.forward_name or None,
            "forward": "\n".join(self.forward) if self.forward else None,
        }


def facts(group: Group, seed: int, design: Design, index: int) -> Facts:
    """The piece with this number; every reason comes in turn, all else by chance."""
    rng = random.Random(f"returned:{seed}:{design}:{index}")
    office = rng.choice(group.offices)
    ours = [s for s in group.statements if group.account(s.account_number).office_code
            == office.code]  # fmt: skip
    mailed = rng.choice(ours)
    statement: Statement | None = mailed
    account = group.account(mailed.account_number)
    reasons = (*TEXTS, "sender_handwritten", "none")
    reason = reasons[index % len(reasons)]
    mark = _mark(reason, rng)
    trouble = rng.choice(_TROUBLES)
    window = rng.random() < 0.7 or trouble in _OF_WINDOWS
    if trouble in _OF_LABELS and mark not in {"label", "two_labels", "cfs"}:
        trouble = "plain"
    older, forward, name, written = "", None, "", ""
    if mark == "two_labels":
        older = rng.choice([key for key in TEXTS if key not in {reason, "new_address"}])
    if reason == "new_address":
        forward = _elsewhere(group, rng)
        name = account.guarantor.upper()
        if rng.random() < 0.25:
            name = f"{rng.choice(FIRST)} {rng.choice(LAST)}".upper()
    if mark == "hand":
        written = rng.choice(WRITTEN)
    if mark == "opened":
        written = rng.choice(OPENED)
    if rng.random() < 0.06:  # another company's, with the same kind of label
        account, statement = _stranger(account, rng), None
    return Facts(
        index, design, office, account, statement, reason, rng.choice(TEXTS.get(reason, ("",))),
        mark, trouble, rng.choice(_LIGHTS), window=window,
        bars=statement is not None and rng.random() < 0.6,
        coupon=statement is not None and rng.random() < 0.12,
        label_on=min(group.as_of, mailed.mailed_on + timedelta(days=rng.randint(4, 20))),
        label_id=_identity(rng),
        older=older, forward=forward, forward_name=name, written=written,
    )  # fmt: skip


def _mark(reason: str, rng: random.Random) -> Mark:
    if reason == "none":
        return "nothing"
    if reason == "sender_handwritten":
        return rng.choice(("hand", "hand", "opened"))
    if reason == "new_address":
        return "cfs"
    if reason in {"deceased", "cmra_suspended", "in_dispute"}:
        return rng.choice(("stamp", "label", "ticked"))
    return rng.choice(("label", "label", "label", "two_labels", "stamp", "stamp", "ticked"))


def _elsewhere(group: Group, rng: random.Random) -> tuple[str, str]:
    other = rng.choice(group.accounts)
    street = f"{rng.randint(12, 9899)} {rng.choice(STREETS)} {rng.choice(STREET_KINDS)}"
    if rng.random() < 0.3:
        street += f" Apt {rng.randint(1, 48)}"
    town = f"{other.city} {other.state} {other.zip}-{rng.randint(1000, 9899)}"
    return (street.upper(), town.upper())


def _stranger(account: Account, rng: random.Random) -> Account:
    """Somebody whom we bill nothing, in the same town."""
    return Account(
        "", account.office_code, "", "", account.patient_birth_on, rng.choice(FIRST),
        rng.choice(LAST), f"{rng.randint(12, 9899)} {rng.choice(STREETS)} "
        f"{rng.choice(STREET_KINDS)}", account.city, account.state, account.zip, "", "",
    )  # fmt: skip


def _identity(rng: random.Random) -> str:
    parts = (4, 5, 2, 2)
    return "*" + "-".join("".join(rng.choice("0123456789") for _ in range(n)) for n in parts)
