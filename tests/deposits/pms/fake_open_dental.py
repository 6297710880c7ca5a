"""A fake Open Dental: real HTTP on this machine, the documented rules, and faults on demand."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

Fault = Literal[
    "", "429", "500_before", "500_after", "504_after", "wrong_json_after", "other_after",
    "closed_before", "closed_after", "timeout_after", "late",
]  # fmt: skip
FAULTS: tuple[Fault, ...] = (
    "", "429", "500_before", "500_after", "504_after", "wrong_json_after", "other_after",
    "closed_before", "closed_after", "late",
)  # fmt: skip
KEYS = ("DevKey0123456789", "CustKey9876543210")
_PAGE = 100

Answer = tuple[int, Any]


class FakeOpenDental:
    """What the practice's database holds, and what the next requests will suffer.

    ``faults`` are taken one a request from the front. ``late`` writes wait in ``pending`` until
    `settle`: the answer is lost first, and the row is there only afterwards.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.patients: dict[int, dict[str, Any]] = {}
        self.payments: list[dict[str, Any]] = []
        self.claims: dict[int, dict[str, Any]] = {}
        self.procs: list[dict[str, Any]] = []
        self.claim_payments: list[dict[str, Any]] = []
        self.commlogs: list[dict[str, Any]] = []
        self.moves: list[tuple[int, dict[str, Any]]] = []
        self.faults: list[Fault] = []
        self.pending: list[Callable[[], Answer]] = []
        self.seen: list[tuple[str, str]] = []
        self.batch_only = False
        self.copies_notes = True
        self.sleep_seconds = 2.5
        self._next = 1000

    def number(self) -> int:
        self._next += 1
        return self._next

    def add_patient(self, number: int, last: str) -> None:
        self.patients[number] = {"PatNum": number, "LName": last, "FName": "Ann"}

    def add_claim(self, patient: int, *lines: tuple[str, str, float]) -> int:
        """A sent claim of (code, day, fee) lines."""
        claim = self.number()
        self.claims[claim] = {"ClaimNum": claim, "PatNum": patient, "ClaimStatus": "S"}
        for code, day, fee in lines:
            self.procs.append({
                "ClaimProcNum": self.number(), "ProcNum": self.number(), "ClaimNum": claim,
                "PatNum": patient, "FeeBilled": fee, "Status": "NotReceived", "InsPayAmt": 0.0,
                "WriteOff": 0.0, "DedApplied": 0.0, "ClaimPaymentNum": 0, "CodeSent": code,
                "ProcDate": day, "IsTransfer": "false",
            })  # fmt: skip
        return claim

    def settle(self) -> None:
        """All that is still on its way arrives."""
        with self.lock:
            for write in self.pending:
                write()
            self.pending.clear()

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        """The documented answer; called under the lock."""
        parts = path.strip("/").split("/")
        routes: tuple[tuple[str, Callable[..., Answer]], ...] = (
            (r"GET patients/(\d+)", self._patient),
            (r"PUT patients/(\d+)", self._change_patient),
            (r"POST commlogs", self._log),
            (r"GET (payments|claimprocs|commlogs)", self._list),
            (r"POST payments", self._pay),
            (r"POST payments/Refund", self._refund),
            (r"PUT payments/(\d+)", self._change_payment),
            (r"PUT claimprocs/(\d+)", self._change_proc),
            (r"PUT claims/(\d+)", self._change_claim),
            (r"POST claimprocs/Supplemental", self._supplement),
            (r"POST claimpayments(/Batch)?", self._finalize),
            (r"GET claimpayments/(\d+)", self._claim_payment),
        )
        for shape, handle in routes:
            match = re.fullmatch(shape, f"{method} {'/'.join(parts)}")
            if match:
                return handle(*[each or "" for each in match.groups()], query=query, body=body)
        return 400, f"{parts[0]} {method} is not a valid method."

    def _patient(self, number: str, **_: Any) -> Answer:
        found = self.patients.get(int(number))
        return (200, found) if found else (404, "Patient not found")

    def _list(self, name: str, query: dict[str, str], **_: Any) -> Answer:
        held = {"payments": self.payments, "claimprocs": self.procs, "commlogs": self.commlogs}
        rows = [row for row in held[name] if row["PatNum"] == int(query["PatNum"])]
        start = int(query.get("Offset", 0))
        return 200, rows[start : start + _PAGE]

    def _change_patient(self, number: str, body: Any, **_: Any) -> Answer:
        found = self.patients.get(int(number))
        if found is None:
            return 404, "Patient not found"
        found.update(body)
        self.moves.append((int(number), dict(body)))
        return 200, dict(found)

    def _log(self, body: Any, **_: Any) -> Answer:
        if body["PatNum"] not in self.patients:
            return 404, "Patient not found"
        row = {"CommlogNum": self.number(), "SentOrReceived": "Sent", **body}
        self.commlogs.append(row)
        return 201, row

    def _pay(self, body: Any, **_: Any) -> Answer:
        if body["PatNum"] not in self.patients:
            return 404, "Patient not found"
        if float(body["PayAmt"]) <= 0:
            return 400, "PayAmt is invalid."
        row = {"PayNum": self.number(), "PayNote": "", "CheckNum": "", **body,
               "PayAmt": f"{float(body['PayAmt']):g}"}  # fmt: skip
        self.payments.append(row)
        return 201, row

    def _refund(self, body: Any, **_: Any) -> Answer:
        paid = next((row for row in self.payments if row["PayNum"] == body["PayNum"]), None)
        if paid is None:
            return 404, "Payment not found"
        row = {**paid, "PayNum": self.number(), "PayAmt": f"-{paid['PayAmt']}",
               "refunds": paid["PayNum"]}  # fmt: skip
        if not self.copies_notes:
            row["PayNote"] = ""
        self.payments.append(row)
        return 201, row

    def _change_payment(self, number: str, body: Any, **_: Any) -> Answer:
        row = next(row for row in self.payments if row["PayNum"] == int(number))
        row.update(body)
        return 200, row

    def _change_proc(self, number: str, body: Any, **_: Any) -> Answer:
        row = next((row for row in self.procs if row["ClaimProcNum"] == int(number)), None)
        if row is None:
            return 404, "ClaimProc not found."
        if row["ClaimPaymentNum"]:
            return 400, "Cannot change InsPayAmt when Status is Received and attached."
        row["Status"] = body["Status"]
        for name in ("InsPayAmt", "WriteOff", "DedApplied"):
            row[name] = float(body[name])
        return 200, row

    def _change_claim(self, number: str, body: Any, **_: Any) -> Answer:
        self.claims[int(number)].update(body)
        return 200, self.claims[int(number)]

    def _supplement(self, body: Any, **_: Any) -> Answer:
        row = next(row for row in self.procs if row["ClaimProcNum"] == body["ClaimProcNum"])
        made = {**row, "ClaimProcNum": self.number(), "Status": "Supplemental",
                "InsPayAmt": float(body["InsPayAmt"]), "ClaimPaymentNum": 0}  # fmt: skip
        self.procs.append(made)
        return 201, made

    def _finalize(self, batch: str, body: Any, **_: Any) -> Answer:
        if not batch and self.batch_only:
            return 400, "Preference ClaimPaymentBatchOnly is true."
        claims = body["claimNums"] if batch else [body["claimNum"]]
        rows = [row for row in self.procs if row["ClaimNum"] in claims
                and not row["ClaimPaymentNum"] and row["Status"] != "NotReceived"]  # fmt: skip
        if any(self.claims[number]["ClaimStatus"] != "R" for number in claims) or not rows:
            return 400, "Claim is not received."
        same = round(sum(row["InsPayAmt"] for row in rows) * 100) == round(
            float(body["CheckAmt"]) * 100
        )
        if not same and not batch:
            return 400, "CheckAmt does not match the total of eligible ClaimProcs."
        made = {"ClaimPaymentNum": self.number(), "Note": "", **body,
                "IsPartial": str(not same).lower()}  # fmt: skip
        self.claim_payments.append(made)
        for row in rows:
            row["ClaimPaymentNum"] = made["ClaimPaymentNum"]
        return 201, made

    def _claim_payment(self, number: str, **_: Any) -> Answer:
        for row in self.claim_payments:
            if row["ClaimPaymentNum"] == int(number):
                return 200, row
        return 404, "ClaimPayment not found."


class _Handler(BaseHTTPRequestHandler):
    fake: FakeOpenDental
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Tests read what came from ``fake.seen``."""

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_PUT(self) -> None:
        self._serve("PUT")

    def _serve(self, method: str) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        path = parts.path.removeprefix("/api/v1")
        with self.fake.lock:
            self.fake.seen.append((method, path))
            fault = self.fake.faults.pop(0) if self.fake.faults else ""
            if self.headers.get("Authorization") != f"ODFHIR {KEYS[0]}/{KEYS[1]}":
                self._say(401, "Unauthorized")
                return
            if fault == "429":
                self._say(429, "TooManyRequests", {"Retry-After": "7"})
                return
            if fault == "500_before":
                self._say(500, "error")
                return
            if fault == "closed_before":
                self._hang_up()
                return
            if fault == "late":
                if method != "GET":
                    self.fake.pending.append(lambda: self.fake.answer(method, path, query, body))
                self._hang_up()
                return
            status, answer = self.fake.answer(method, path, query, body)
        self._after(fault, status, answer)

    def _after(self, fault: Fault, status: int, answer: Any) -> None:
        if fault in ("500_after", "504_after"):
            self._say(int(fault[:3]), "Gateway Timeout")
        elif fault == "wrong_json_after":
            self._say(status, None, raw=b'{"PayNum": 12')
        elif fault == "other_after":
            self._say(status, {"PayNum": 999, "PayAmt": "1", "PatNum": 1, "ClaimPaymentNum": 999})
        elif fault == "closed_after":
            self._hang_up()
        else:
            if fault == "timeout_after":
                time.sleep(self.fake.sleep_seconds)
            self._say(status, answer)

    def _say(
        self, status: int, answer: Any, headers: dict[str, str] | None = None, raw: bytes = b""
    ) -> None:
        content = raw or json.dumps(answer).encode()
        try:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            self.close_connection = True  # the other side did not wait

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()


@contextmanager
def served(fake: FakeOpenDental) -> Iterator[str]:
    """The fake at an address of this machine."""
    handler = type("Handler", (_Handler,), {"fake": fake})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/api/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
