"""A reading without the card numbers that stand on its pages, and with what to black out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ocr import card_masking, card_numbers
from ocr.text import PageText
from ocr.types import Reading


def without_cards(reading: Reading, texts: Iterable[PageText | None]) -> Reading:
    """The reading with every card number of its pages masked, flagged, and its boxes kept.

    ``texts`` are the pages' words as they were read. A reading without a card is given back as it
    is. Handwriting is not read as words, so a number written by hand is found only where the text
    engine reads its digits.
    """
    found = {
        text.page: card_numbers.find(text.lines)
        for text in texts
        if text is not None and text.page in reading.pages
    }
    numbers = [number for each in found.values() for number in each]
    if not numbers:
        return reading
    fields = {
        name: card_masking.masked_field(field, numbers) for name, field in reading.fields.items()
    }
    warnings = tuple(
        replace(each, message=card_masking.masked_text(each.message, numbers))
        for each in reading.warnings
    )
    masks = tuple(
        (page, box) for page, each in found.items() for card in each for box in card.boxes
    )
    return replace(reading, fields=fields, warnings=(*warnings, card_masking.WARNING), masks=masks)


def flagged(reading: Reading, masked: set[int]) -> Reading:
    """A page whose card number was blacked out before says so however often it is read anew."""
    if reading.masks or not masked.intersection(reading.pages):
        return reading
    return replace(reading, warnings=(*reading.warnings, card_masking.WARNING))
