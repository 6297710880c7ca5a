"""Paper remittances (explanations of benefits): who paid whom what, for which claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from intake.types import Box, Pixels
from ocr import labels
from ocr.cell_readers import CellReader
from ocr.crossfoot_claims import put_right
from ocr.crossfoot_sums import SOURCE as CROSS_FOOT
from ocr.fields import complete
from ocr.page_memo import kept_for_page
from ocr.remittance_blank_days import confirm_days
from ocr.remittance_body import Body
from ocr.remittance_cells import PaperClaim, ServiceLine
from ocr.remittance_day_order import doubt_days
from ocr.remittance_ended_figures import with_ended_figures
from ocr.remittance_header import TITLES, header_fields
from ocr.remittance_heads import heads_of
from ocr.remittance_heads_again import with_heads_again
from ocr.remittance_keyed import keyed_lines
from ocr.remittance_layouts import Layout, is_known, layout_json, layouts_of, of_payer
from ocr.remittance_leaders import without_leaders
from ocr.remittance_lost_reasons import doubt_lost_reasons
from ocr.remittance_payment import (
    amount_of,
    around_claims,
    proved_first,
    totals_barely_named,
    totals_named,
)
from ocr.remittance_rows import service_like
from ocr.remittance_run_together import with_codes_apart, with_years_apart
from ocr.remittance_split_numbers import with_whole_numbers
from ocr.remittance_sums import claim_json, imbalances
from ocr.remittance_table import page_rows, read_body
from ocr.remittance_taught import gainsaid, is_other
from ocr.remittance_trust import claims_sure, settle, total_sure
from ocr.remittance_turned_columns import doubt_turned
from ocr.remittance_unsaid import says_no_why
from ocr.remittance_unsaid_scans import read_alike
from ocr.remittance_untold_shares import confirm_parts, find_untold
from ocr.text import PageText
from ocr.types import Field, ReadingWarning
from ocr.values import parse_cents

_ROWS_DIFFER, _ONE_OF_SEVERAL = 0.5, 0.8  # where rows that repeat a name have it differently
_SEEN_BEFORE = 0.97  # a payer's name over the very head that a person taught of it

_REFUSED = ReadingWarning(
    "layout_not_applied",
    "columns that were taught do not fit this page (another payer's, or its sums contradict them): "
    "say anew what they are",
)


@kept_for_page
def looks_like_remittance(text: PageText) -> float:
    """Probability that a page is an explanation of benefits: its title, table and words."""
    whole = " ".join(line.text for line in text.lines)
    rows = page_rows(text)
    services = sum(len(row.amounts) >= 3 and service_like(row) for row in rows)
    table = services >= 3 or bool(heads_of(rows)) or keyed_lines(rows) > 0
    title = bool(TITLES.search(whole))
    signs = len(
        set(
            re.findall(
                r"claim|allowed|deductible|coinsurance|co-?pay|member id|"
                r"subscriber|billed|submitted|patient resp|npi|eob",
                whole.lower(),
            )
        )
    )
    if table and (title or signs >= 3):
        return 0.99
    amounts = sum(labels.tokens(w.text) != [] and parse_cents(w.text) is not None
                  for w in text.words)  # fmt: skip
    if table or (title and signs >= 3 and amounts >= 3):
        return 0.93
    if title and (signs >= 2 or amounts >= 3):
        return 0.8
    return 0.45 if signs >= 4 and amounts >= 4 else 0.05


def read_remittance(
    pages: Sequence[PageText],
    *,
    pixels: Mapping[int, Pixels] | None = None,
    widths: Mapping[int, int] | None = None,
    cross_foot: bool = True,
    layouts: Sequence[Mapping[str, Any]] = (),
) -> tuple[dict[str, Field | None], tuple[ReadingWarning, ...]]:
    """All fields of one remittance from its pages in order.

    ``pixels`` are the images of scanned pages by page number; with them numbers are read twice.
    ``widths`` are those of all pages, in pixels.
    ``cross_foot`` lets sums choose between the readings of a doubtful amount of a scanned page.
    ``layouts`` are those that people taught, in the shape of the field ``layout``.
    """
    reader = CellReader(pixels or {})
    pages = [_confirmed(text, reader) for text in pages]
    exact = all(text.exact for text in pages)
    source = "text_layer" if exact else "tesseract"
    printed = [amount_of(one, source) for one in totals_named(pages)]
    known = layouts_of(layouts)
    body, heads, refused = _body_of(pages, printed, known, reader)
    named = proved_first(
        printed, body, lambda: [amount_of(one, source) for one in totals_barely_named(pages)]
    )
    payment = named[0] if named else None
    if not exact:
        find_untold(body, reader.pixels)
    if cross_foot and not exact:
        payment = put_right(body.claims, body.taken, body.totals, payment, reader)
        confirm_parts(body, reader)
    total_cents = None if payment is None else int(payment.value)
    broken = imbalances(body.claims, body.taken, total_cents, body.totals)
    balanced = bool(body.claims) and total_cents is not None and not broken
    proved = balanced and not body.not_understood
    unsaid = not proved and says_no_why(body, total_cents)
    if unsaid and not exact:
        read_alike(body, reader)
    _settled(body, reader, proved=proved, exact=exact, unsaid=unsaid)
    if not (proved or exact):
        doubt_turned(body.claims, total_cents)
    fields: dict[str, Field | None] = header_fields(heads, reader.sure_of, exact=exact)
    fields["payment_on"] = doubt_days(pages, body.claims, fields.get("payment_on"))
    if payment is not None:
        sure = total_sure(named, proved=proved or unsaid, exact=exact)
        sure = min(sure, payment.confidence) if payment.source == CROSS_FOOT else sure
        fields["total_paid_cents"] = replace(payment, confidence=sure)
    if body.claims or body.taken:
        fields.update(_listed(body, broken, pages[0].page, source, balanced=balanced))
    width = _width(pages[0], widths or {})
    fields.update(_learned(body, known, fields.get("payer_name"), width, (pages[0].page, source)))
    warnings = (*_warnings(body, broken, total_cents), *([_REFUSED] if refused else []))
    return complete("remittance", fields), warnings


def _confirmed(text: PageText, reader: CellReader) -> PageText:
    """A scanned page with its numbers read twice, and heads that nobody knows once more."""
    printed = with_years_apart(text)
    text = without_leaders(with_codes_apart(reader.confirmed(printed), printed))
    pixels = None if text.exact else reader.pixels.get(text.page)
    if pixels is None:
        return text
    text = with_ended_figures(with_whole_numbers(text, pixels), pixels, reader.doubtful)
    return with_heads_again(text, pixels)


def _body_of(
    pages: Sequence[PageText], printed: Sequence[Field], known: Sequence[Layout], reader: CellReader
) -> tuple[Body, Sequence[PageText], bool]:
    """What the pages list, the parts of them around it, and whether taught columns were refused."""
    exact = all(text.exact for text in pages)
    first = " ".join(line.text for text in pages[:1] for line in text.lines)
    taught = of_payer(known, first)
    sums = frozenset(int(one.value) for one in printed)
    unread = _unread(pages, reader)
    body = read_body(pages, sums, taught, unread)
    heads = list(around_claims(pages, body))
    fitting = _fitting(taught, body, heads, reader, exact=exact)
    if fitting == taught:
        return body, heads, False
    plain = read_body(pages, sums, fitting, unread)
    refused = [each.role for each in plain.columns] != [each.role for each in body.columns]
    return plain, list(around_claims(pages, plain)), refused


def _unread(pages: Sequence[PageText], reader: CellReader) -> Callable[[ServiceLine], bool]:
    """Tells of which services some print was not read; each page is looked at when asked about."""
    texts = {text.page: text for text in pages}

    @cache
    def on_page(page: int) -> frozenset[Box]:
        return reader.unread_lines(texts[page])

    return lambda line: line.box in on_page(line.page)


def _settled(body: Body, reader: CellReader, *, proved: bool, exact: bool, unsaid: bool) -> None:
    """Give all cells their confidence, in place; what was read from pixels is read again first."""
    if not exact:
        _names_again(body.claims, reader)
        confirm_days(body.claims, reader.pixels)
    settle(body, proved=proved, exact=exact, unsaid=unsaid)
    if not exact:
        doubt_lost_reasons(body.claims, reader.doubtful, body.legend)


def _learned(
    body: Body, known: Sequence[Layout], payer: Field | None, width: float, place: tuple[int, str]
) -> dict[str, Field | None]:
    """The columns and the legend as fields; a payer is surer over columns that people taught."""
    fields: dict[str, Field | None] = {}
    page, source = place
    if body.columns:
        if payer is not None and is_known(known, body.columns, str(payer.value)):
            payer = replace(payer, confidence=max(payer.confidence, _SEEN_BEFORE))
            fields["payer_name"] = payer
        told = layout_json(body.columns, str(payer.value) if payer else "", width)
        fields["layout"] = Field(told, 0.9, page, None, source)
    if body.legend:
        fields["code_legend"] = Field(body.legend, 0.9, page, None, source)
    return fields


def _fitting(
    taught: tuple[Layout, ...], body: Body, heads: Sequence[PageText], reader: CellReader, *,
    exact: bool,
) -> tuple[Layout, ...]:  # fmt: skip
    """The layouts of the letterhead's payer alone; none where the sums gainsay them."""
    if not taught:
        return taught
    if exact:
        payer = header_fields(heads, reader.sure_of, exact=True).get("payer_name")
        read = "" if payer is None else str(payer.value)
        taught = tuple(each for each in taught if not is_other(each.payer, read))
    return () if gainsaid([line for claim in body.claims for line in claim.lines]) else taught


def _names_again(claims: Sequence[PaperClaim], reader: CellReader) -> None:
    """Ask another reader whose the claims are, in place."""
    for claim in claims:
        for role, cell in claim.known.items():
            named = role in {"patient_name", "provider_name"}
            sure = reader.sure_of(cell) if named else reader.sure_of_number(cell)
            if named and claim.in_row and claim.sure <= _ROWS_DIFFER:
                sure = min(sure, _ONE_OF_SEVERAL)
            claim.known[role] = replace(cell, confidence=sure)


def _width(text: PageText, widths: Mapping[int, int]) -> float:
    """The page's width in pixels; where nobody says, as wide as its print with like margins."""
    if text.page in widths:
        return float(widths[text.page])
    lefts = [word.box[0] for word in text.words]
    rights = [word.box[0] + word.box[2] for word in text.words]
    return float(max(rights, default=1) + min(lefts, default=0))


def _listed(
    body: Body, broken: Sequence[dict[str, Any]], page: int, source: str, *, balanced: bool
) -> dict[str, Field | None]:
    """The fields that list claims and whether they add up."""
    proved = balanced and not body.not_understood
    sure = claims_sure(body, proved=proved, exact=source == "text_layer")
    taken = [entry.as_json() for entry in body.taken]
    kept = min(sure, 0.93 if proved else 0.6)
    told = 0.98 if proved else 0.6
    return {
        "claims": Field([claim_json(claim) for claim in body.claims], sure, page, None, source),
        "provider_adjustments": Field(taken, kept, page, None, source),
        "balanced": Field(balanced, told, page, None, source),
        "imbalances": Field(list(broken), told, page, None, source),
    }


def _warnings(
    body: Body, broken: Sequence[dict[str, Any]], total_cents: int | None
) -> tuple[ReadingWarning, ...]:
    found: list[ReadingWarning] = []
    if not body.claims:
        found.append(ReadingWarning("no_claims", "no table of claims was recognised"))
    if total_cents is None:
        found.append(ReadingWarning("no_total", "the amount of the payment was not found"))
    if broken:
        places = ", ".join(entry["where"] for entry in broken[:5])
        found.append(ReadingWarning("unbalanced", f"amounts do not add up: {places}"))
    if body.not_understood:
        pages = sorted({row.page + 1 for row in body.not_understood})
        told = ", ".join(str(page) for page in pages[:5])
        found.append(
            ReadingWarning(
                "row_not_understood",
                f"{len(body.not_understood)} rows with amounts were not understood (page {told})",
            )
        )
    return tuple(found)
