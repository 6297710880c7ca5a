"""Designs drawn at random from a grammar of choices, by number: the measure of an unknown payer.

``design(n)`` is the same design always. Those below 1000 are for building, those from 1000 on for
measuring alone: nobody looks at what they print.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import groupby

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from bench.remittances.catalogue import REASONS
from bench.remittances.facts import Claim, Line, Remittance
from bench.remittances.layouts.design import Layout
from bench.remittances.layouts.random_choices import AMOUNTS, Choices, choices
from bench.remittances.layouts.random_payment import Payment
from bench.remittances.layouts.random_prints import Prints
from bench.remittances.paper import Column, Paper, wrapped

BUILDING, MEASURING = range(100), range(1000, 1100)
_LEFT = 36.0
_WIDE = {"day": 52, "procedure": 52, "description": 96, "tooth": 34, "units": 26, "reasons": 46}
_FIELDS = {"charged": "charged_cents", "allowed": "allowed_cents", "share": "patient_cents",
           "paid": "paid_cents"}  # fmt: skip
_KEYS = {"discount": "CO-45", "deductible": "PR-1", "coinsurance": "PR-2", "copay": "PR-3"}


@cache
def design(number: int) -> Layout:
    """The layout of a number, named ``random_`` and the number."""
    chosen = choices(number)

    def draw(canvas: Canvas, remittance: Remittance) -> None:
        _Drawing(canvas, remittance, chosen).draw()

    by_day = chosen.style["day"] != "row"
    held = number >= MEASURING.start
    return Layout(f"random_{number}", chosen.traits, draw, held_out=held, by_day=by_day)


class _Drawing:
    """One remittance drawn in one design."""

    edges: list[tuple[float, float]]

    def __init__(self, canvas: Canvas, remittance: Remittance, chosen: Choices) -> None:
        self.canvas, self.remittance, self.chosen = canvas, remittance, chosen
        self.style, self.names = chosen.style, chosen.names
        self.ink = Prints(chosen)
        self.payment = Payment(self.ink, chosen)
        self.columns = self._columns()
        self.right = max(edge for _, edge in self.edges)
        self.size = self.style["size"]

    def _columns(self) -> tuple[Column, ...]:
        """The columns with their heads, wrapped to their width."""
        size, made = self.style["size"], list[Column]()
        who = [*self._in_rows()] if self.style["who"] == "rows" else []
        at = _LEFT
        self.edges = []
        for name in (*who, *self.chosen.order):
            wide = self._width(name)
            label = self.ink.said(self.names.get(name) or self.names[f"{name}:"])
            longest = max(
                pdfmetrics.stringWidth(w, self.style["bold"], size) for w in label.split()
            )
            wide = max(wide, longest + 7)
            head = tuple(self._wrapped(label, wide - 4, size))
            money = name in AMOUNTS and self.style["align"] == "r"
            made.append(Column(head, at + wide - 5 if money else at, "r" if money else "l"))
            self.edges.append((at, at + wide))
            at += wide + 3
        return tuple(made)

    def _in_rows(self) -> tuple[str, ...]:
        kinds = {"patient": "patient_name", "member": "member_id", "account": "patient_account",
                 "claim": "claim_number", "provider": "provider_name"}  # fmt: skip
        return tuple(name for name, field in kinds.items() if field in self.chosen.traits.who)

    def _width(self, name: str) -> float:
        size: float = self.style["size"] * (1.25 if self.style["face"] == "Courier" else 1.0)
        if name in AMOUNTS:
            marked = self.chosen.reasons == "marked" and name == "not_covered"
            return float(size * (6.4 + bool(self.style["dollar"]) + 2.4 * marked))
        if name == "day":
            longest = self.ink.days(
                Line(self.remittance.payment_on, "", "", 0, 0, 0, ()), both=True
            )
            return pdfmetrics.stringWidth(longest, self.style["face"], self.style["size"]) + 8
        if name == "reasons" and self.chosen.reasons == "cause":
            return size * 9.2
        if name in {"patient", "provider"}:
            return size * 9.5
        if name in {"member", "account", "claim"}:
            return size * (7.6 if name != "claim" else 8.8)
        return _WIDE[name] * size / 7.2

    def _wrapped(self, label: str, wide: float, size: float) -> list[str]:
        lines = [""]
        for word in label.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and pdfmetrics.stringWidth(longer, self.style["bold"], size) > wide:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def draw(self) -> None:
        wide = self.right > 576
        page = Paper(self.canvas, self.remittance, self._header, wide=wide, face=self.style["face"],
                     bold=self.style["bold"], size=self._fitting(wide=wide))  # fmt: skip
        if self.style["who"] == "rows":
            self._heads(page)
        for claim in self.remittance.claims:
            self._claim(page, claim)
        page.room(60)
        if self.style["whole"]:
            self._total(page, self.style["all_word"], self.remittance.claims)
            page.down(14)
        self._taken(page)
        self.payment.at_end(page)
        self._legend(page)

    def _fitting(self, *, wide: bool) -> float:
        """The size of print; columns too many for the paper are set smaller and closer."""
        most = 756.0 if wide else 576.0
        if self.right <= most:
            return float(self.size)
        shrink = (most - _LEFT) / (self.right - _LEFT)
        self.columns = tuple(
            Column(c.head, _LEFT + (c.x - _LEFT) * shrink, c.align) for c in self.columns
        )
        self.edges = [
            (_LEFT + (low - _LEFT) * shrink, _LEFT + (high - _LEFT) * shrink)
            for low, high in self.edges
        ]
        self.right = most
        return float(self.size * shrink)

    def _header(self, page: Paper) -> None:
        self.payment.header(page)
        if page.number > 1 and (self.style["repeat"] or self.style["who"] == "rows"):
            self._heads(page)

    def _heads(self, page: Paper) -> None:
        page.down(8)
        page.heads(self.columns, size=page.size, leading=page.size + 1.4)
        if self.style["rules"] != "none":
            page.rule(_LEFT, self.right)
        page.down(page.size + 6)

    def _claim(self, page: Paper, claim: Claim) -> None:
        page.room(96)
        in_rows = self.style["who"] == "rows"
        days = {line.service_on for line in claim.lines}
        headed = self.style["day"] == "claim" and len(days) == 1
        if not in_rows:
            self.payment.whose(page, claim, self.ink.day(min(days)) if headed else "")
            self._heads(page)
        elif claim.status == "22":
            page.text(_LEFT, self.ink.said(self.style["reversed"]))
            page.down(page.size + 4)
        for day, lines in groupby(claim.lines, lambda line: line.service_on):
            if self.style["day"] != "row" and not (headed and not in_rows):
                page.room(40)
                page.text(
                    _LEFT + 6, f"{self.names['day']}{self.style['colon']} {self.ink.day(day)}"
                )
                page.down(page.size + 5)
            for line in lines:
                self._line(page, claim, line)
        page.down(3)
        self._claim_total(page, claim)
        page.down(4 if in_rows else 16)

    def _line(self, page: Paper, claim: Claim, line: Line) -> None:
        causes = self._causes(line)
        beneath = self.chosen.reasons == "below"
        tall = (page.size + 2) * (1 + len(causes))
        if page.room(tall) and not (self.style["repeat"] or self.style["who"] == "rows"):
            self._heads(page)
        names = (*(self._in_rows() if self.style["who"] == "rows" else ()), *self.chosen.order)
        for column, name, edge in zip(self.columns, names, self.edges, strict=True):
            self._cell(page, claim, line, column, name, edge)
        if self.chosen.reasons == "cause":
            at = self.columns[names.index("reasons")].x
            for depth, text in enumerate(causes):
                page.text(at, text, dy=-(page.size + 1) * depth)
            page.down((page.size + 1) * max(0, len(causes) - 1))
        if beneath:
            for text in causes:
                page.down(page.size + 1.5)
                page.text(_LEFT + 24, text)
        page.down(page.size + 3.5)

    def _cell(self, page: Paper, claim: Claim, line: Line, column: Column, name: str,
              edge: tuple[float, float]) -> None:  # fmt: skip
        if name in AMOUNTS:
            cents = self._cents(line, name)
            if (
                self.style["dollar"] == "apart"
                and (cents or self.style["zero"])
                and column.align == "r"
            ):
                page.text(edge[0] + 1, "$")
            mark = (
                self._mark(line)
                if name == "not_covered" and self.chosen.reasons == "marked"
                else ""
            )
            text = self.ink.money(cents)
            wide = pdfmetrics.stringWidth(mark, page.face, page.size)
            page.text(column.x - (wide if column.align == "r" else 0), text, column.align)
            if mark and column.align == "r":
                page.text(column.x, mark, "r")
            elif mark:
                page.text(column.x + pdfmetrics.stringWidth(text, page.face, page.size), mark)
            return
        beside = self.chosen.reasons == "beside"
        said = {
            "day": "" if self.style["day"] != "row" else self.ink.days(line),
            "procedure": self.ink.procedure(line),
            "description": line.description[:22], "tooth": f"{line.tooth} {line.surface}".strip(),
            "units": str(line.units), "reasons": self._mark(line) if beside else "",
            "patient": self.ink.patient(claim)[:19], "member": claim.member_id,
            "account": claim.account, "claim": claim.claim_number, "provider": claim.provider,
        }[name]  # fmt: skip
        if said:
            page.text(column.x, said)

    def _cents(self, line: Line, name: str) -> int:
        if name in _FIELDS:
            return int(getattr(line, _FIELDS[name]))
        if name in _KEYS:
            return line.amount(_KEYS[name])
        return line.amount(*self.chosen.traits.coded)

    def _mark(self, line: Line) -> str:
        found = next((a for a in line.adjustments
                      if f"{a.group}-{a.code}" in self.chosen.traits.coded), None)  # fmt: skip
        if found is None:
            return ""
        code = self.ink.code(found)
        return self.style["bracket"].format(code) if self.chosen.reasons == "marked" else code

    def _causes(self, line: Line) -> list[str]:
        if self.chosen.reasons == "cause":
            return [f"{self.ink.code(a)} {self.ink.plain(a.cents)}" for a in line.adjustments]
        if self.chosen.reasons != "below":
            return []
        return [
            self.style["below"].format(
                code=self.ink.code(a), amount=self.ink.plain(a.cents),
                words=REASONS[f"{a.group}-{a.code}"],
            )
            for a in line.adjustments
        ]  # fmt: skip

    def _sum(self, claims: Sequence[Claim], name: str) -> int:
        return sum(self._cents(line, name) for claim in claims for line in claim.lines)

    def _claim_total(self, page: Paper, claim: Claim) -> None:
        kind, present = self.style["total"], [n for n in self.chosen.order if n in AMOUNTS]
        if kind == "row" or (kind != "none" and self.style["who"] == "rows"):
            self._total(page, self.style["total_word"], [claim])
        elif kind == "words":
            page.text(_LEFT, f"{self.ink.said('Amount paid for this claim')}: "
                      f"{self.ink.plain(self._sum([claim], 'paid'))}")  # fmt: skip
            page.down(page.size + 3)
        elif kind in {"labels", "leaders"}:
            for name in present:
                page.room(page.size + 3)
                page.text(self.right - 190, self.ink.said(self.names[name]))
                if kind == "leaders":
                    page.text(self.right - 62, " .  .  .  .", "r")
                page.text(self.right - 8, self.ink.money(self._sum([claim], name)), "r")
                page.down(page.size + 2.5)

    def _total(self, page: Paper, word: str, claims: Sequence[Claim]) -> None:
        page.room(page.size + 6)
        page.text(_LEFT, self.ink.said(word), bold=True)
        names = (*(self._in_rows() if self.style["who"] == "rows" else ()), *self.chosen.order)
        for column, name, edge in zip(self.columns, names, self.edges, strict=True):
            if name in AMOUNTS:
                cents = self._sum(claims, name)
                if (
                    self.style["dollar"] == "apart"
                    and column.align == "r"
                    and (cents or self.style["zero"])
                ):
                    page.text(edge[0] + 1, "$")
                page.text(column.x, self.ink.money(cents), column.align, bold=True)
        page.down(page.size + 4)

    def _taken(self, page: Paper) -> None:
        entries = self.remittance.provider_adjustments
        if entries and self.style["taken_title"]:
            page.text(_LEFT, self.ink.said(self.style["taken_title"]), bold=True)
            page.down(page.size + 5)
        for entry in entries:
            sign = self.style["plb_sign"] if entry.code != "L6" else -1
            page.text(_LEFT, f"{self.ink.said(self.style['taken'][entry.code])} {entry.reference}")
            page.text(_LEFT + 320, self.ink.money(sign * entry.cents), "r")
            page.down(page.size + 5)
        page.down(8)

    def _legend(self, page: Paper) -> None:
        used = self.remittance.legend
        if not used:
            return
        page.room(30 + 11 * len(used))
        page.down(10)
        page.text(_LEFT, self.ink.said(self.style["legend"]), bold=True)
        page.down(page.size + 5)
        for code, text in used:
            told = self.style["bracket"].format(code) if self.chosen.reasons == "marked" else code
            for number, part in enumerate(wrapped(f"{told} - {text}", 90)):
                page.text(_LEFT + 8 * bool(number), part)
                page.down(page.size + 3)
