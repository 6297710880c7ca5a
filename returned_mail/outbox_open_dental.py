"""Account changes sent to Open Dental: addresses on the patient, everything else in the commlog.

Of its documentation (API Patients, API Commlogs): ``PUT /patients/{PatNum}`` changes ``Address``,
``Address2``, ``City``, ``State`` and ``Zip``; ``POST /commlogs`` adds a note, of ``Mode_`` Mail.
The API knows no idempotency key and no flag for a bad address. So each line is looked for before
it is written: an address by itself, a note by our reference in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from records.errors import WrongUse
from records.open_dental_http import Connection, Reply
from records.open_dental_values import marked, number_of, same_name
from returned_mail.address import standardise
from returned_mail.outbox_lines import Address, ChangeAnswer, ChangeLine, Outcome

_FIELDS: Final = ("Address", "Address2", "City", "State", "Zip")
_GUARANTOR: Final = "the guarantor is another patient there: see whether that address changes too"
_SAID: Final = {
    "bad_address_set": "mail to the address comes back: {}",
    "bad_address_cleared": "mail to the address arrives after all: {}",
}


class OpenDentalChanges:
    """Sends the changes of one office, one at a time; neither method raises for what it meets."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def send(self, line: ChangeLine) -> ChangeAnswer:
        """Look for the change and make it when it is not there."""
        self._connection.begin()
        patient = number_of(line.account_number)
        if patient is None:
            return _refused(line, "the account's number is no patient number of Open Dental")
        if line.confidential:
            return _refused(line, "confidential communications: enter it there by hand, marked")
        held = self._patient(line, patient)
        if isinstance(held, ChangeAnswer):
            return held
        if line.kind == "address_change":
            return self._move(line, patient, held)
        return self._note(line, patient)

    def look_up(self, line: ChangeLine) -> ChangeAnswer:
        """``acknowledged`` when it is there, ``not_taken`` when surely not, else ``sent``."""
        self._connection.begin()
        patient = number_of(line.account_number)
        if patient is None:
            return ChangeAnswer(line.ref, "not_taken", reason="never sent: no patient number")
        if line.kind == "address_change":
            held = self._patient(line, patient)
            if isinstance(held, ChangeAnswer):
                outcome: Outcome = "refused" if held.outcome == "refused" else "sent"
                return ChangeAnswer(line.ref, outcome, reason=held.reason)
            if _key(_of(held)) == _key(_wanted(line)):
                return _taken(line, patient, held)
            return ChangeAnswer(line.ref, "not_taken", reason="looked up: not in Open Dental")
        found = self._find(line, patient)
        if isinstance(found, Reply):
            return ChangeAnswer(line.ref, "sent", reason=found.reason)
        if found is not None:
            return ChangeAnswer(line.ref, "acknowledged", f"commlog {found}")
        return ChangeAnswer(line.ref, "not_taken", reason="looked up: not in Open Dental")

    def _patient(self, line: ChangeLine, patient: int) -> Mapping[str, Any] | ChangeAnswer:
        """The patient as held there, or why this is not the one."""
        reply = self._connection.get(f"patients/{patient}")
        if reply.kind != "ok":
            return _answer(line, reply, wrote=False)
        if not isinstance(reply.body, dict) or number_of(reply.body.get("PatNum")) != patient:
            return ChangeAnswer(line.ref, "not_taken", reason="Open Dental named another patient")
        last = str(reply.body.get("LName") or "")
        if not any(same_name(last, name) for name in line.last_names):
            return _refused(line, "the patient of this number has another name in Open Dental")
        return reply.body

    def _move(self, line: ChangeLine, patient: int, held: Mapping[str, Any]) -> ChangeAnswer:
        there = _of(held)
        if _key(there) == _key(_wanted(line)):
            return _taken(line, patient, held)
        known = {_key(each) for each in line.known}
        if any(there) and _key(there) not in known:
            # Somebody at the practice entered an address that we never had: theirs may be newer.
            return _refused(line, "Open Dental has an address that is neither the old nor the new "
                            "one: compare them there")  # fmt: skip
        street = f"{line.care_of} {line.street}".strip()
        body = dict(zip(_FIELDS, (street, "", line.city, line.state, line.zip), strict=True))
        reply = self._connection.put(f"patients/{patient}", body)
        if reply.kind != "ok":
            return _answer(line, reply, wrote=True)
        now = reply.body if isinstance(reply.body, dict) else {}
        if number_of(now.get("PatNum")) != patient or _key(_of(now)) != _key(_wanted(line)):
            return ChangeAnswer(line.ref, "sent", reason="Open Dental's answer says something else")
        return _taken(line, patient, now)

    def _note(self, line: ChangeLine, patient: int) -> ChangeAnswer:
        found = self._find(line, patient)
        if isinstance(found, Reply):
            return _answer(line, found, wrote=False)
        if found is not None:
            return ChangeAnswer(line.ref, "acknowledged", f"commlog {found}")
        body = {"PatNum": patient, "Note": _text(line), "Mode_": "Mail",
                "SentOrReceived": "Received"}  # fmt: skip
        reply = self._connection.post("commlogs", body)
        if reply.kind != "ok":
            return _answer(line, reply, wrote=True)
        made = reply.body if isinstance(reply.body, dict) else {}
        number = number_of(made.get("CommlogNum"))
        if number is None or number_of(made.get("PatNum")) != patient:
            return ChangeAnswer(line.ref, "sent", reason="Open Dental's answer names no commlog")
        return ChangeAnswer(line.ref, "acknowledged", f"commlog {number}")

    def _find(self, line: ChangeLine, patient: int) -> int | Reply | None:
        """The number of the commlog with our reference; the reply when it could not be looked."""
        reply = self._connection.rows("commlogs", PatNum=patient)
        if reply.kind == "refused" and reply.status == 404:
            return None  # so it answers when a patient has none yet
        if reply.kind != "ok":
            return reply
        for row in reply.body:
            number = number_of(row.get("CommlogNum"))
            ours = number_of(row.get("PatNum")) == patient
            if ours and number and marked(str(row.get("Note") or ""), [line.ref]):
                return number
        return None


def _text(line: ChangeLine) -> str:
    said = line.note or _SAID[line.kind].format(", ".join(filter(None, _wanted(line))))
    return f"Lockbox {line.ref} {line.task_ref}: {said}".replace(" :", ":")


def _wanted(line: ChangeLine) -> Address:
    return (f"{line.care_of} {line.street}".strip(), line.city, line.state, line.zip)


def _of(held: Mapping[str, Any]) -> Address:
    street = f"{held.get('Address') or ''} {held.get('Address2') or ''}".strip()
    return (street, *(str(held.get(name) or "").strip() for name in _FIELDS[2:]))  # type: ignore[return-value]


def _key(address: Address) -> Address:
    """Two spellings of an address have one key; what cannot be standardised is its own."""
    try:
        found = standardise(*address)
    except WrongUse:
        street, city, state, zip_code = (" ".join(each.upper().split()) for each in address)
        return (street, city, state, zip_code)
    return (f"{found.care_of} {found.street}".strip(), found.city, found.state, found.zip[:5])


def _taken(line: ChangeLine, patient: int, held: Mapping[str, Any]) -> ChangeAnswer:
    other = number_of(held.get("Guarantor")) not in (None, patient)
    return ChangeAnswer(line.ref, "acknowledged", f"patient {patient}", _GUARANTOR * other)


def _refused(line: ChangeLine, reason: str) -> ChangeAnswer:
    return ChangeAnswer(line.ref, "refused", reason=reason)


def _answer(line: ChangeLine, reply: Reply, *, wrote: bool) -> ChangeAnswer:
    """What a request that did not succeed says; ``wrote``: it may have changed something."""
    if reply.kind == "refused" and (wrote or reply.status == 404):
        return _refused(line, reply.reason)
    if reply.kind == "lost" and wrote:
        return ChangeAnswer(line.ref, "sent", reason=reply.reason)
    return ChangeAnswer(line.ref, "not_taken", reason=reply.reason)
