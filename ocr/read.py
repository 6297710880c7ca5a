"""The way in: pages to readings, an 835 to readings, and a reading to the contract's JSON."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from intake.faintness import negative, stretched
from intake.split import examine
from intake.types import Page
from ocr import era835, era_reading, imb_soft
from ocr.card_pages import without_cards
from ocr.check import read_check, read_check_back
from ocr.classify import Classified, classify
from ocr.coupon import read_coupon
from ocr.envelope import read_returned
from ocr.field_json import field_json, rounded
from ocr.fields import complete
from ocr.page_memo import keeping
from ocr.quality import assess, of_print
from ocr.remittance import looks_like_remittance, read_remittance
from ocr.remittance_pages import continues, plainly_continues
from ocr.text import PageText, from_words, page_text
from ocr.turning import turned_back
from ocr.types import Field, Kind, Quality, Reading, ReadingWarning, SoftBars

ENGINE_VERSION = "1.5.0"
"""Stored with each reading; goes up when the same pages may read differently."""

_CHANGED = 0.85  # at most, for what was read from pixels that were changed
_NO_KIND: tuple[Kind, ...] = ("correspondence", "unknown")
_WHOSE = ("addressee_name", "addressee_address", "return_address", "barcodes", "scanline")
"""What is kept of an envelope without a marking: it may be one of ours all the same."""
_PAYS: tuple[Kind, ...] = ("coupon", "remittance")


Layouts = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Told:
    """What the caller says: whether sums may choose, the learned layouts, the mailers' ids."""

    cross_foot: bool
    layouts: Layouts
    mailers: Collection[str] = ()


@dataclass(slots=True)
class _Document:
    """Pages that are one document."""

    kind: Kind
    pages: list[Classified]


@dataclass(slots=True)
class _Envelopes:
    """Which envelope the next document belongs to, when no sheet says so."""

    single: bool
    number: int = 0
    kinds: list[Kind] = field(default_factory=list)

    def place(self, kind: Kind) -> int:
        """The envelope's number for a document of ``kind`` that comes now."""
        if not self.single and self.kinds and self._parts_before(kind):
            self.number += 1
            self.kinds = []
        self.kinds.append(kind)
        return self.number

    def _parts_before(self, kind: Kind) -> bool:
        if kind == "returned_mail" or "returned_mail" in self.kinds:
            return True
        if "check" not in self.kinds:
            return False
        if kind == "check":
            return True
        # Some put the coupon before its check, some after; the first of a bag's envelopes tells.
        papers_first = self.kinds[0] in _PAYS
        return kind in _PAYS and papers_first


def read_pages(
    pages: Sequence[Page],
    *,
    single_envelope: bool,
    cross_foot: bool = True,
    layouts: Layouts = (),
    mailers: Collection[str] = (),
) -> tuple[Reading, ...]:
    """Read the pages of one envelope, or of a scanned bag without separator sheets.

    Pages come in scanning order. Each becomes part of exactly one reading; checks laid on one
    page give several with a ``region``; a check's front takes the back that follows it.
    ``transaction`` counts envelopes from 0: all one when ``single_envelope``, else by what the
    documents are. ``cross_foot`` lets sums choose between readings of a scanned remittance's
    amounts; ``layouts`` are those that people taught, as a reading's ``layout`` has them;
    ``mailers`` are the mailer ids that barcodes of returned mail may bear. Never raises for what
    is on a page; same pages, same readings.
    """
    with keeping(len(pages)):
        told = _Told(cross_foot, layouts, mailers)
        return tuple(_readings(pages, _Envelopes(single_envelope), told))


def _readings(pages: Sequence[Page], envelopes: _Envelopes, told: _Told) -> list[Reading]:
    readings: list[Reading] = []
    given = {page.index: page for page in pages}
    for document in _documents(pages):
        seen = {page.page.index: page.page for page in document.pages}
        home = envelopes.number
        if document.kind not in {"blank", "separator"}:
            home = envelopes.place(document.kind)
        texts = [each.text for each in document.pages]
        for place, found in enumerate(_read(document, told)):
            reading = without_cards(found, texts)
            for page in document.pages:
                if page.turned:
                    seen[page.page.index] = given[page.page.index]
                    reading = turned_back(reading, page.page)
            if place and reading.kind == "check":
                home = envelopes.place("check")  # laid on one page, mailed apart
            readings.append(replace(_as_found(reading, given, seen), transaction=home))
    return readings


def read_as_remittance(pages: Sequence[Page], *, layouts: Layouts = ()) -> Reading:
    """The pages as one remittance, whatever they look like: a person says that they are one.

    Where they are recognised as one by themselves, that reading of them.
    """
    found = read_pages(pages, single_envelope=True, layouts=layouts)
    alone = [reading for reading in found if reading.kind == "remittance"]
    if len(alone) == 1:
        return alone[0]
    texts = [page_text(page) for page in pages]
    fields, warnings = _remittance(texts, pages, _Told(cross_foot=True, layouts=layouts))
    whole = Reading(
        "remittance", 1.0, tuple(page.index for page in pages), complete("remittance", fields),
        assess(pages[0]) if pages else Quality(), warnings,
    )  # fmt: skip
    return without_cards(whole, texts)


def _documents(pages: Sequence[Page]) -> list[_Document]:
    """Classify every page, and put pages of one document together."""
    documents: list[_Document] = []
    waiting: _Document | None = None  # a check whose back may follow
    for page in pages:
        seen = _seen(page, after_check=waiting is not None)
        last = documents[-1] if documents else None
        if seen.kind == "check_back" and waiting is not None and _same_item(waiting, page):
            waiting.pages.append(seen)
            waiting = None
            continue
        if last is not None and last.kind == "remittance" and _goes_on(seen, last):
            last.pages.append(seen)
            continue
        documents.append(_Document(seen.kind, [seen]))
        if seen.kind == "check":
            waiting = documents[-1] if len(seen.regions) <= 1 else None
        elif seen.kind != "blank":
            waiting = None
    return documents


def _goes_on(seen: Classified, last: _Document) -> bool:
    """Whether a page goes on with the remittance before it."""
    first, text = last.pages[0].text, seen.text
    if first is None or text is None:
        return False
    if seen.kind == "remittance":
        between = [page.text for page in last.pages[1:] if page.text is not None]
        return continues(text, first, between)
    return seen.kind in _NO_KIND and plainly_continues(text, first)


def _seen(page: Page, *, after_check: bool) -> Classified:
    """The page with its kind; a faint one stretched first, a negative turned if it shows a check.

    Pages that come with a record, and pages of a text layer, are taken as they are.
    """
    if page.item is not None or page.words:
        return classify(page, after_check=after_check)
    clear = stretched(page.pixels)
    if clear is not None and not examine(page).bare:
        return classify(replace(page, pixels=clear), after_check=after_check)
    seen = classify(page, after_check=after_check)
    turned = negative(page.pixels) if seen.kind != "check" else None
    if turned is not None:
        again = classify(replace(page, pixels=turned), after_check=after_check)
        return again if again.kind == "check" and again.regions else seen
    return seen


def _as_found(reading: Reading, pages: Mapping[int, Page], seen: Mapping[int, Page]) -> Reading:
    """A reading of pixels that were changed says so, and nothing in it is sure."""
    others = [n for n in reading.pages if pages[n] is not seen[n]]
    changed = [n for n in others if pages[n].pixels is not seen[n].pixels]
    if not changed:
        return reading
    given = assess(pages[changed[0]]).suspect
    suspect = tuple(dict.fromkeys((*reading.quality.suspect, *given)))
    fields = {
        name: None if value is None else replace(value, confidence=min(value.confidence, _CHANGED))
        for name, value in reading.fields.items()
    }
    told = ReadingWarning(
        "contrast_changed", "the picture was too faint, dark or negative to be read as it came"
    )
    return replace(
        reading,
        confidence=min(reading.confidence, _CHANGED),
        fields=fields,
        quality=replace(reading.quality, suspect=suspect),
        warnings=(*reading.warnings, told),
    )


def _same_item(document: _Document, back: Page) -> bool:
    return document.pages[0].page.item == back.item


def _read(document: _Document, told: _Told) -> list[Reading]:
    first = document.pages[0]
    if document.kind == "check":
        return _read_checks(document, told)
    if document.kind == "check_back":
        reading = read_check_back(first.page, first.back)
        return [replace(reading, fields=complete("check_back", reading.fields))]
    fields: dict[str, Field | None] = {}
    warnings: tuple[ReadingWarning, ...] = ()
    if first.text is not None:
        if document.kind == "remittance":
            texts = [page.text for page in document.pages if page.text is not None]
            pages = [page.page for page in document.pages]
            fields, warnings = _remittance(texts, pages, told)
        elif document.kind == "coupon":
            fields, warnings = read_coupon(first.page, first.text, first.codes)
        elif document.kind == "returned_mail" and first.marks is not None:
            fields, warnings = read_returned(first.page, first.text, first.marks, first.codes)
        elif document.kind == "envelope" and first.marks is not None:
            found, _ = read_returned(first.page, first.text, first.marks, first.codes)
            told_by = {name: found.get(name) for name in _WHOSE}
            fields = {"imb": found["imb"], **{k: v for k, v in told_by.items() if v is not None}}
    bars = first.marks.bars if first.marks is not None and "imb" in fields else ()
    if bars and fields["imb"] is None:
        fields["imb"] = _by_mailer(bars, told.mailers)
    return [
        Reading(
            kind=document.kind,
            confidence=min(page.confidence for page in document.pages),
            pages=tuple(page.page.index for page in document.pages),
            fields=complete(document.kind, fields),
            quality=_quality(first),
            warnings=warnings,
            imb_soft=bars,
        )
    ]


def _by_mailer(bars: Sequence[SoftBars], mailers: Collection[str]) -> Field | None:
    """The barcode that bears one of these mailer ids, where more bars are spoiled than else.

    None where two do: which one was returned, only the list of mailed pieces can tell.
    """
    found: dict[str, Field] = {}
    for row in bars if mailers else ():
        code = imb_soft.decode(imb_soft.likelihoods(row.bits), mailers)
        if code is not None and code.mailer_id in mailers:
            digits = code.tracking + code.routing
            found.setdefault(digits, Field(code.as_json(), 0.97, row.page, row.box, "imb"))
    return next(iter(found.values())) if len(found) == 1 else None


def _quality(first: Classified) -> Quality:
    """The page's quality; where words came with the file nothing has to be measured."""
    text = first.text
    if text is not None and text.exact:
        return of_print(first.page, text.skew_degrees)
    return assess(first.page)


def _remittance(
    texts: Sequence[PageText], pages: Sequence[Page], told: _Told
) -> tuple[dict[str, Field | None], tuple[ReadingWarning, ...]]:
    """The fields of one remittance; where characters came with the file no picture is looked at."""
    printed = {text.page for text in texts if text.exact}
    return read_remittance(
        texts,
        pixels={page.index: page.pixels for page in pages if page.index not in printed},
        widths={page.index: page.size[0] for page in pages},
        cross_foot=told.cross_foot,
        layouts=told.layouts,
    )


def _read_checks(document: _Document, told: _Told) -> list[Reading]:
    """The checks of a page, the back joined to its front, and an EOB printed on the same sheet."""
    front, *backs = document.pages
    if front.regions:
        found = [read_check(front.page, region=region)[0] for region in front.regions]
    else:
        found = list(read_check(front.page))
    if len(found) == 1:
        found = [replace(found[0], region=None)]
    for back in backs:
        endorsed = read_check_back(back.page, back.back).fields.get("endorsed")
        found[0] = replace(
            found[0],
            pages=(*found[0].pages, back.page.index),
            fields={**found[0].fields, "endorsed": endorsed} if found[0].kind == "check" else {},
        )
    checks = [
        replace(reading, fields=complete(reading.kind, reading.fields),
                confidence=min(reading.confidence, front.confidence))
        for reading in found
    ]  # fmt: skip
    voucher = _voucher(front, told)
    return [*checks, voucher] if voucher is not None else checks


def _voucher(front: Classified, told: _Told) -> Reading | None:
    """The remittance on a letter-size sheet whose one check is only a part of it."""
    page = front.page
    width, height = page.size
    if len(front.regions) != 1 or page.dpi is None or height < 9.0 * page.dpi:
        return None
    x, y, wide, tall = front.regions[0].box
    if tall > 0.5 * height or width < 7.0 * page.dpi:
        return None
    text = page_text(_without(page, (x, y, wide, tall)))
    words = [w for w in text.words if not y <= w.box[1] + w.box[3] / 2 <= y + tall]
    text = from_words(page.index, text.source, words)
    sure = looks_like_remittance(text)
    if sure < 0.9:
        return None
    fields, warnings = _remittance([text], [page], told)
    reading = Reading(
        "remittance", sure, (page.index,), complete("remittance", fields), assess(page), warnings
    )
    return without_cards(reading, [text])


def _without(page: Page, box: tuple[int, int, int, int]) -> Page:
    """The page with the check painted white, so that its words are not read twice."""
    x, y, wide, tall = box
    pixels = page.pixels.copy()
    pixels[max(0, y) : y + tall, max(0, x) : x + wide] = 255
    return replace(page, pixels=pixels)


def read_x12(text: str) -> tuple[Reading, ...]:
    """One remittance reading for each payment of an 835; UnreadableError when it is no X12."""
    return era_reading.readings_of(era835.payments(text))


def reading_to_json(reading: Reading, source: str) -> dict[str, Any]:
    """A document in the contract's shape (``lockbox read``), every field of its kind present."""
    fields = complete(reading.kind, reading.fields)
    document: dict[str, Any] = {
        "source": source,
        "pages": [int(page) for page in reading.pages],
        "kind": reading.kind,
        "confidence": rounded(reading.confidence),
        "transaction": reading.transaction,
        "fields": {name: field_json(value) for name, value in fields.items()},
        "quality": {
            "suspect": list(reading.quality.suspect),
            "skew_degrees": round(float(reading.quality.skew_degrees), 2),
            "dpi": reading.quality.dpi,
        },
        "warnings": [{"code": w.code, "message": w.message} for w in reading.warnings],
    }
    if reading.masks:
        document["masks"] = [{"page": page, "box": list(box)} for page, box in reading.masks]
    if reading.imb_soft:
        document["imb_soft"] = [
            {"page": row.page, "box": list(row.box), "bits": list(row.bits)}
            for row in reading.imb_soft
        ]
    if reading.region is not None:
        document["region"] = [int(part) for part in reading.region]
    return document
