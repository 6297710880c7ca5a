"""Fake USPS and Smarty: real HTTP on this machine, answers as documented, faults on demand."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from records import clock

KEYS = {"client_id": "Id0123456789", "client_secret": "Secret9876543210"}
SMARTY_KEYS = {"auth_id": "1234-abcd", "auth_token": "Token-42"}
FAULTS = (
    "429", "429_date", "429_bare", "500", "503", "wrong_json", "wrong_shape", "empty", "redirect",
    "huge", "slow", "silent", "closed_before", "closed_after", "404_of_a_proxy",
)  # fmt: skip
"""What may go wrong with one request; in ``silent`` and ``closed_after`` it was looked up."""
Row = dict[str, str]


class FakeService:
    """Both services over one socket: what is known, what the next requests will suffer.

    ``places`` maps (street, ZIP5) to a row: ``dpv``, and where they differ ``street``, ``unit``,
    ``zip4``, ``vacant``. ``faults`` are taken one a look-up from the front.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.places: dict[tuple[str, str], Row] = {}
        self.faults: list[str] = []
        self.token_faults: list[str] = []
        self.looked_up: list[tuple[str, str]] = []
        self.queries: list[dict[str, str]] = []
        self.tokens: list[str] = []
        self.expires_in: Any = "28799"
        self.silent_seconds = 3.0
        self.elsewhere: list[str] = []

    def know(self, street: str, zip5: str, dpv: str = "Y", /, **row: str) -> None:
        self.places[street, zip5] = {"dpv": dpv, **row}

    def usps(self, query: dict[str, str]) -> tuple[int, Any]:
        street = " ".join(
            query[name] for name in ("streetAddress", "secondaryAddress") if name in query
        )
        row = self._find(street, query.get("ZIPCode", ""))
        if row is None:
            return 404, {
                "apiVersion": "3.0",
                "error": {"code": "404", "message": "Address Not Found", "errors": []},
            }
        if row["dpv"] == "several":
            row = {**row, "dpv": "", "correction": "22"}
        return 200, {
            "firm": None,
            "address": {
                "streetAddress": row.get("street", query["streetAddress"]),
                "secondaryAddress": row.get("unit", query.get("secondaryAddress")),
                "city": query["city"], "state": query["state"], "ZIPCode": query["ZIPCode"],
                "ZIPPlus4": row.get("zip4", "1234"), "urbanization": query.get("urbanization"),
            },
            "additionalInfo": {
                "DPVConfirmation": row["dpv"], "vacant": row.get("vacant", "N"), "DPVCMRA": "N",
            },
            "corrections": [{"code": row.get("correction", ""), "text": ""}],
            "matches": [{"code": "31", "text": "Single Response - exact match"}],
        }  # fmt: skip

    def smarty(self, query: dict[str, str]) -> tuple[int, Any]:
        row = self._find(query["street"], query["zipcode"][:5])
        if row is None:
            return 200, []
        several = row["dpv"] == "several"
        found = {
            "input_index": 0,
            "candidate_index": 0,
            "delivery_line_1": row.get("street", query["street"]),
            "last_line": "",
            "components": {
                "city_name": query["city"], "state_abbreviation": query["state"],
                "zipcode": query["zipcode"][:5], "plus4_code": row.get("zip4", "1234"),
            },
            "metadata": {},
            "analysis": {
                "dpv_match_code": "Y" if several else row["dpv"], "dpv_footnotes": "AABB",
                "dpv_vacant": row.get("vacant", "N"), "active": "Y",
            },
        }  # fmt: skip
        return 200, [found, {**found, "candidate_index": 1}] if several else [found]

    def _find(self, street: str, zip5: str) -> Row | None:
        return self.places.get((street, zip5))


class _Handler(BaseHTTPRequestHandler):
    fake: FakeService
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing: tests print nothing."""

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        with self.fake.lock:
            fault = self.fake.token_faults.pop(0) if self.fake.token_faults else ""
            right = all(body.get(name) == key for name, key in KEYS.items())
            if body.get("grant_type") != "client_credentials" or not right:
                self._say(401, {"error": "invalid_client"})
                return
            if fault:
                self._fault(fault, 200, {})
                return
            self.fake.tokens.append(f"token-{len(self.fake.tokens) + 1}")
            token = self.fake.tokens[-1]
        self._say(200, {"access_token": token, "token_type": "Bearer",
                        "expires_in": self.fake.expires_in, "status": "approved"})  # fmt: skip

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/elsewhere":
            self.fake.elsewhere.append(self.path)
            self._say(200, [])
            return
        with self.fake.lock:
            if not self._let_in(parts.path, query):
                self._say(401, {"error": "Unauthorized"})
                return
            fault = self.fake.faults.pop(0) if self.fake.faults else ""
            self.fake.queries.append(query)
            self.fake.looked_up.append(
                (query.get("streetAddress") or query.get("street", ""), fault)
            )
            usps = parts.path == "/addresses/v3/address"
            status, answer = self.fake.usps(query) if usps else self.fake.smarty(query)
        if fault:
            self._fault(fault, status, answer)
        else:
            self._say(status, answer)

    def _let_in(self, path: str, query: dict[str, str]) -> bool:
        if path == "/addresses/v3/address":
            live = self.fake.tokens[-1:]
            return self.headers.get("Authorization") in [f"Bearer {each}" for each in live]
        if path != "/street-address":
            return False
        return (query.get("auth-id"), query.get("auth-token")) == tuple(SMARTY_KEYS.values())

    def _fault(self, fault: str, status: int, answer: Any) -> None:
        if fault.startswith("429"):
            later = format_datetime(clock.now().replace(microsecond=0), usegmt=True)
            waits = {"429": "120", "429_date": later}
            headers = {"Retry-After": waits[fault]} if fault in waits else {}
            self._say(429, {"error": "Too Many Requests"}, headers)
        elif fault in {"500", "503"}:
            self._say(int(fault), None, raw=b"<html>oops</html>")
        elif fault == "wrong_json":
            self._say(200, None, raw=b'{"address": {"street')
        elif fault == "wrong_shape":
            self._say(200, {"weather": ["sunny", 12]})
        elif fault == "empty":
            self._say(200, None, raw=b" ")
        elif fault == "redirect":
            self._say(302, {}, {"Location": "/elsewhere"})
        elif fault == "huge":
            self._say(200, None, raw=b'["' + b"x" * 3_000_000 + b'"]')
        elif fault == "404_of_a_proxy":
            self._say(404, None, raw=b"<html>not here</html>")
        elif fault == "slow":
            self._trickle(json.dumps(answer).encode())
        elif fault == "silent":
            time.sleep(self.fake.silent_seconds)
            self._say(status, answer)
        else:  # closed before or after it was looked up: the same from outside
            self.close_connection = True
            self.connection.close()

    def _trickle(self, content: bytes) -> None:
        try:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            for at in range(len(content)):
                self.wfile.write(content[at : at + 1])
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            self.close_connection = True

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


@contextmanager
def served(fake: FakeService) -> Iterator[str]:
    """The fake at an address of this machine."""
    handler = type("Handler", (_Handler,), {"fake": fake})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
