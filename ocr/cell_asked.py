"""What the readers of single words make of a box of a scanned page, each asked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from intake.types import Box, Pixels
from ocr.cell_forms import Form
from ocr.engine import LineText
from ocr.number_lines import by_recogniser, read_by_network
from ocr.word_recovery import crop_of


@dataclass(slots=True)
class Asked:
    """The page images of one document by page number, and what was read in their boxes."""

    pixels: Mapping[int, Pixels]
    _recognised: dict[tuple[int, Box, Form], LineText] = field(default_factory=dict)
    _network: dict[tuple[int, Box, Form], LineText] = field(default_factory=dict)

    def crop(self, page: int, box: Box) -> Pixels:
        """The part of a page around a box, gray."""
        return crop_of(self.pixels[page], box)

    def network(self, page: int, box: Box, form: Form = "code") -> LineText:
        """What the small network for cells reads in a box."""
        key = (page, box, form)
        if key not in self._network:
            self._network[key] = read_by_network(self.crop(page, box), form)
        return self._network[key]

    def recognised(self, page: int, box: Box, form: Form = "code") -> LineText:
        """What the line recogniser reads in a box, at ten times the time of the network."""
        key = (page, box, form)
        if key not in self._recognised:
            self._recognised[key] = by_recogniser(self.crop(page, box), form)
        return self._recognised[key]
