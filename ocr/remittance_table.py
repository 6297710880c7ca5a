"""The body of a paper remittance: lines of print become claims, service lines and totals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from intake.types import Word
from ocr.remittance_columns import (
    CLAIM_LABELS,
    MONEY,
    Column,
    Named,
    column_of,
    header_columns,
    money_column,
    named_roles,
)
from ocr.remittance_sums import PaperClaim, ServiceLine, reason_code, reasons_in
from ocr.text import Line, PageText
from ocr.values import looks_like_amount, parse_cents, parse_date

_PROCEDURE = re.compile(r"^(DO?[0-9O]{4}|[A-CE-V][0-9]{4}|[0-9]{5})$")
_COMPACT_DATE = re.compile(r"^(0[1-9]|1[0-2])([0-3]\d)(\d\d)$")
_TOTAL = re.compile(r"\b(sub)?totals?\b", re.IGNORECASE)
_TAKEN = re.compile(
    r"provider[- ]?(level )?adj|^plb\b|overpayment recover|withhold|offset|interest (paid|added)|"
    r"takeback|forward(ing)? balance",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"# of claims|grand|^totals?:|total (paid|payment)", re.IGNORECASE)
_PLB_CODE = re.compile(
    r"^(50|51|72|90|A[HMP]|B[23DN]|C[5RSTVW]|DM|E3|F[BC]|GO|HM|I[PRS]|J1|L[36ES]|O[AB]|P[IL]|"
    r"R[AE]|SL|TL|W[OU])$"
)


@dataclass(slots=True)
class Body:
    """All that the pages of one remittance list."""

    claims: list[PaperClaim] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)
    tables: int = 0
    first_line: int | None = None  # where the body begins on the first page
    sure: float = 1.0


class _Walk:
    """Goes down the lines of all pages with the columns and the claim that are open."""

    def __init__(self) -> None:
        self.body = Body()
        self.columns: tuple[Column, ...] = ()
        self.claim: PaperClaim | None = None
        self.closed = True  # the open claim has its lines; the next name starts another
        self.waiting: tuple[Line, list[Named]] | None = None  # labels whose values stand below

    def page(self, text: PageText) -> None:
        self.waiting = None
        for index, line in enumerate(text.lines):
            columns = header_columns(text.lines, index)
            if columns is not None:
                self.columns = columns
                self.waiting = None
                self.body.tables += 1
                self._begin(index)
                continue
            before = len(self.body.claims), sum(len(c.lines) for c in self.body.claims)
            self._line(line)
            after = len(self.body.claims), sum(len(c.lines) for c in self.body.claims)
            if before != after:
                self._begin(index)

    def _begin(self, index: int) -> None:
        if self.body.first_line is None:
            self.body.first_line = index

    def _line(self, line: Line) -> None:
        if self.waiting is not None and re.search(r"[A-Za-z0-9]{2}", line.text):
            labels, self.waiting = self.waiting, None
            if self._values_below(*labels, line):
                return
        words = line.words
        if _TAKEN.search(line.text) and self._taken(line):
            return
        if self.columns and self._service(line):
            return
        if _TOTAL.search(line.text) and any(looks_like_amount(word.text) for word in words):
            self._totals(line)
            return
        self._claim_labels(line)

    # Claims: labels with values beside or below them, or columns of the table

    def _claim_labels(self, line: Line) -> None:
        named = [n for n in named_roles(line) if n.role in CLAIM_LABELS]
        roles = {n.role for n in named}
        if not roles & {"patient_name", "claim_number", "member_id", "patient_account"}:
            if roles == {"provider_name"} and self.claim is not None and not self.closed:
                self._set(_beside(line, named))
            return
        covered = sum(n.last - n.first + 1 for n in named)
        printed = [word for word in line.words if re.search(r"[A-Za-z0-9]", word.text)]
        if len(named) >= 2 and covered >= 0.8 * len(printed) and not _has_number(printed):
            self.waiting = (line, named)
            return
        found = _beside(line, named)
        if len(found) >= 2 or (found and self.claim is not None and not self.closed):
            self._set(found)

    def _values_below(self, labels: Line, named: Sequence[Named], line: Line) -> bool:
        columns = tuple(
            Column(n.role, labels.words[n.first].box[0], labels.words[n.last].box[0]) for n in named
        )
        found: dict[str, list[Word]] = {}
        for word in line.words:
            before = [c for c in columns if c.left <= word.box[0] + word.box[3]]
            column = max(before, key=lambda c: c.left) if before else columns[0]
            found.setdefault(column.role, []).append(word)
        values = {role: words for role, words in found.items() if _plausible(role, words)}
        if len(values) < 2:
            return False
        self._set(values)
        return True

    def _set(self, found: dict[str, list[Word]]) -> None:
        known = self.claim.known if self.claim is not None else {}
        again = any(role in known and role != "provider_name" for role in found)
        if self.claim is None or self.closed or again:
            self._open()
        claim = self.claim
        if claim is None:
            return
        for role, words in found.items():
            claim.known[role] = _joined(role, words)
            claim.sure = min(claim.sure, *(word.confidence for word in words))

    def _open(self) -> None:
        self.claim = PaperClaim(where=f"claim {len(self.body.claims) + 1}")
        self.body.claims.append(self.claim)
        self.closed = False

    # Service lines

    def _service(self, line: Line) -> bool:
        cells, service = self._row(line)
        if service is None:
            return False
        in_row = {role: cells[role] for role in CLAIM_LABELS if role in cells}
        if in_row:
            claim = self.claim
            if claim is None or _another(claim, in_row):
                self._open()
            self._set_in_row(in_row)
        if self.claim is None:
            self._open()
        if self.claim is not None:
            self.claim.lines.append(service)
            self.closed = True
        return True

    def _set_in_row(self, in_row: dict[str, list[Word]]) -> None:
        if self.claim is not None:
            for role, words in in_row.items():
                value = _joined(role, words)
                if self.claim.known.setdefault(role, value) != value:
                    self.claim.sure = min(self.claim.sure, 0.5)  # one of the rows is misread
                self.claim.sure = min(self.claim.sure, *(word.confidence for word in words))

    def _row(self, line: Line) -> tuple[dict[str, list[Word]], ServiceLine | None]:
        """A row's words by column; a service only with a date or code, a charge and a payment."""
        words = [word for word in line.words if word.text not in {"|", "_", "[", "]", "—", "-"}]
        texts = [word.text for word in words]
        reasons = reasons_in(texts)
        service = ServiceLine(reasons=reasons, sure=line.confidence)
        cells: dict[str, list[Word]] = {}
        for place, word in enumerate(words):
            coded = reason_code(word.text) is not None or bool(reasons_in([word.text]))
            amount = parse_cents(word.text)
            if coded or (amount is not None and place and reason_code(texts[place - 1])):
                continue
            if amount is None:
                column = column_of(word, [c for c in self.columns if c.role not in MONEY])
                if column is not None:
                    cells.setdefault(column.role, []).append(word)
                continue
            column = money_column(word, self.columns)
            if column is None or column.role in service.money:
                service.sure = min(service.sure, 0.3)
            elif column.role == "reasons":
                service.reasons.append(("CO", "45", amount))
            else:
                service.money[column.role] = amount
        service.service_on = _date_in(cells.get("service_on", []))
        service.procedure_code = _procedure_in(cells, words)
        dated = service.service_on is not None or service.procedure_code is not None
        if not dated or not {"charged_cents", "paid_cents"} <= set(service.money):
            return cells, None
        for role in CLAIM_LABELS:
            if role in cells and not _plausible(role, cells[role]):
                del cells[role]
        return cells, service

    # Totals and provider adjustments

    def _totals(self, line: Line) -> None:
        labelled: dict[str, int] = {}
        named = named_roles(line)
        for number, name in enumerate(named):
            end = named[number + 1].first if number + 1 < len(named) else len(line.words)
            seen = [parse_cents(w.text) for w in line.words[name.last + 1 : end]]
            known = [amount for amount in seen if amount is not None]
            if name.role in MONEY and len(known) == 1:
                labelled[name.role] = known[0]
        net = re.search(r"\bNET\s+\$?([\d,]+\.\d\d)", line.text, re.IGNORECASE)
        if net and parse_cents(net[1]) is not None:
            labelled["paid_cents"] = parse_cents(net[1]) or 0
        amounts = [word for word in line.words if looks_like_amount(word.text)]
        if not labelled and len(amounts) >= 2:
            labelled = {
                column.role: parse_cents(word.text) or 0
                for word in amounts
                if (column := money_column(word, self.columns)) is not None and column.role in MONEY
            }
        whole = _WHOLE.search(line.text)
        own = self.claim is not None and self.closed and not self.claim.totals
        if own and not whole and len(labelled) >= 2 and self._of_claim(labelled):
            if self.claim is not None:
                self.claim.totals = labelled
        elif labelled:
            self.body.totals.update(labelled)

    def _of_claim(self, labelled: dict[str, int]) -> bool:
        """Whether a bare total is the claim's and not that of the whole page."""
        if self.claim is None or len(self.body.claims) < 2:
            return True
        everything = sum(c.total("charged_cents") or 0 for c in self.body.claims)
        one = self.claim.total("charged_cents")
        charged = labelled.get("charged_cents")
        return charged == one or charged != everything

    def _taken(self, line: Line) -> bool:
        amounts = [word for word in line.words if looks_like_amount(word.text)]
        if len(amounts) != 1:
            return False
        printed = parse_cents(amounts[0].text) or 0
        rest = [w.text.strip(":,") for w in line.words if w is not amounts[0]]
        codes = [text for text in rest if _PLB_CODE.match(text)]
        references = [
            t for t in rest if re.fullmatch(r"[A-Z0-9-]{4,30}", t) and re.search(r"\d", t)
        ]
        if not codes and not references:
            return False
        entry = {
            "code": codes[0] if codes else None,
            # A page prints what the payment loses with a minus; PLB counts it as positive.
            "amount_cents": -printed,
            "reference": references[-1] if references else None,
        }
        self.body.taken.append(entry)
        self.body.sure = min(self.body.sure, line.confidence)
        return True


def read_body(pages: Sequence[PageText]) -> Body:
    """Claims, totals and provider adjustments of the pages of one remittance, in print order."""
    walk = _Walk()
    for text in pages:
        walk.page(text)
    walk.body.claims = [claim for claim in walk.body.claims if claim.lines or claim.totals]
    _dental_codes([line for claim in walk.body.claims for line in claim.lines])
    for number, claim in enumerate(walk.body.claims, start=1):
        claim.where = f"claim {number}"
    return walk.body


def _dental_codes(lines: Sequence[ServiceLine]) -> None:
    """Among dental codes (D and four digits) a code of five digits had its D read as a zero."""
    codes = [line.procedure_code or "" for line in lines]
    if sum(code.startswith("D") for code in codes) < 0.6 * len(codes):
        return
    for line, code in zip(lines, codes, strict=True):
        if re.fullmatch(r"0\d{4}", code):
            line.procedure_code = f"D{code[1:]}"


def _another(claim: PaperClaim, in_row: dict[str, list[Word]]) -> bool:
    """Whether a row that repeats its patient belongs to another claim than the open one."""
    named = {role: _joined(role, words) for role, words in in_row.items()}
    if "claim_number" in named and "claim_number" in claim.known:
        return named["claim_number"] != claim.known["claim_number"]
    return any(
        claim.known.get(role, value) != value
        for role, value in named.items()
        if role != "provider_name"
    )


def _has_number(words: Sequence[Word]) -> bool:
    return any(sum(c.isdigit() for c in word.text) >= 2 for word in words)


def _beside(line: Line, named: Sequence[Named]) -> dict[str, list[Word]]:
    """Each label's words up to the next label."""
    found: dict[str, list[Word]] = {}
    for number, name in enumerate(named):
        end = named[number + 1].first if number + 1 < len(named) else len(line.words)
        words = [w for w in line.words[name.last + 1 : end] if re.search(r"[A-Za-z0-9]", w.text)]
        if words and _plausible(name.role, words):
            found[name.role] = words
    return found


def _plausible(role: str, words: Sequence[Word]) -> bool:
    joined = _joined(role, words)
    if role in {"patient_name", "provider_name"}:
        letters = sum(c.isalpha() for c in joined)
        return len(joined) >= 3 and letters >= 0.8 * len(joined.replace(" ", ""))
    return bool(re.fullmatch(r"[A-Z0-9-]{3,30}", joined)) and any(c.isdigit() for c in joined)


def _joined(role: str, words: Sequence[Word]) -> str:
    text = " ".join(word.text for word in words).strip(" :;,|")
    if role == "patient_name" and text.count(",") == 1:
        last, _, first = text.partition(",")
        text = f"{first.strip()} {last.strip()}"
    return text if role in {"patient_name", "provider_name"} else text.replace(" ", "")


def _date_in(words: Sequence[Word]) -> str | None:
    for start in range(len(words)):
        for count in (3, 2, 1):
            text = " ".join(word.text for word in words[start : start + count])
            found = parse_date(text) or _compact(text)
            if found is not None:
                return found
    return None


def _compact(text: str) -> str | None:
    match = _COMPACT_DATE.match(text)
    return parse_date(f"{match[1]}/{match[2]}/{match[3]}") if match else None


def _procedure_in(cells: dict[str, list[Word]], words: Sequence[Word]) -> str | None:
    for word in (*cells.get("procedure_code", []), *words):
        text = word.text.strip(".,:|")
        if _PROCEDURE.match(text):
            code = text[0] + text[1:].replace("O", "0")
            return code[0] + code[2:] if len(code) == 6 else code
    return None
