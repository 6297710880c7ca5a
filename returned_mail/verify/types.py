"""What is asked of a verifier and what it answers: one shape for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal, Protocol

from returned_mail.address import Address

Verdict = Literal[
    "deliverable", "undeliverable", "ambiguous", "missing_secondary", "moved", "unknown"
]
VERDICTS: Final[tuple[Verdict, ...]] = (
    "deliverable", "undeliverable", "ambiguous", "missing_secondary", "moved", "unknown",
)  # fmt: skip
NETWORK: Final = ("usps", "smarty")
"""Verifiers that are asked over the network, in the order in which one is chosen."""
KINDS: Final = (*NETWORK, "csv")
PERSON: Final = "person"


@dataclass(frozen=True, slots=True)
class Question:
    """An address, and the name only where a service compares names (change of address)."""

    address: Address
    name: str = ""

    def to_json(self) -> dict[str, Any]:
        """For sealing."""
        return {**_address_json(self.address), "name": self.name}

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Question:
        """The question a sealed value holds."""
        return cls(_address_of(said), str(said.get("name") or ""))


@dataclass(frozen=True, slots=True)
class Verified:
    """A verifier's answer.

    ``address`` is what it says the asked address is written as, ``moved_to`` where the person
    went. ``codes`` are as the service names them: ``dpv`` (Y, D, S, N), ``footnotes``,
    ``ncoa`` (return code), ``move_type`` (I, F, B), ``move_on`` (YYYY-MM), ``vacant``. ``raw`` is
    the whole answer, kept sealed.
    """

    verdict: Verdict
    verifier: str
    at: datetime
    address: Address | None = None
    moved_to: Address | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    raw: Any = None

    def to_json(self) -> dict[str, Any]:
        """For sealing."""
        return {
            "verdict": self.verdict,
            "verifier": self.verifier,
            "at": self.at.astimezone(UTC).isoformat(),
            "address": None if self.address is None else _address_json(self.address),
            "moved_to": None if self.moved_to is None else _address_json(self.moved_to),
            "codes": dict(self.codes),
            "raw": self.raw,
        }

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Verified:
        """The answer a sealed value holds."""
        address, moved_to = said.get("address"), said.get("moved_to")
        return cls(
            said["verdict"],
            str(said["verifier"]),
            datetime.fromisoformat(said["at"]),
            None if address is None else _address_of(address),
            None if moved_to is None else _address_of(moved_to),
            dict(said.get("codes") or {}),
            said.get("raw"),
        )


Kind = Literal["ok", "busy", "not_taken", "lost", "refused", "keys_refused", "redirected"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one question.

    ``ok``: ``answer`` is there. ``busy``: not taken, ask again after ``wait_seconds`` (None: as
    usual). ``not_taken``: it never got there. ``lost``: it may have been answered, nobody knows.
    ``refused``: the service does not understand it and will not next time. ``keys_refused`` and
    ``redirected``: an administrator has to mend something first. ``code`` says which words
    (``returned_mail.verify.words``) tell it to people.
    """

    kind: Kind
    code: str
    answer: Verified | None = None
    wait_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What may be said of a request in the audit chain: nothing that names a person or place."""

    verifier: str
    resource: str
    status: int
    outcome: str
    milliseconds: int


class Adapter(Protocol):
    """One way to ask a service over the network."""

    def ask(self, question: Question) -> Reply:
        """Ask once; bounded in time and size, never raises for what the service does."""
        ...

    @property
    def requests(self) -> list[Request]:
        """Each request made so far, look-ups and keys alike."""
        ...


def _address_json(address: Address) -> dict[str, str]:
    return {
        "street": address.street, "city": address.city, "state": address.state,
        "zip": address.zip, "care_of": address.care_of,
    }  # fmt: skip


def _address_of(said: Mapping[str, Any]) -> Address:
    return Address(
        *(str(said.get(name) or "") for name in ("street", "city", "state", "zip", "care_of"))
    )
