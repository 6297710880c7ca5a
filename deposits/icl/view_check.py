"""The image views of the open item: each detail (50) with its data (52), front and back."""

from __future__ import annotations

from deposits.icl.findings import Log
from deposits.icl.limits import LIMITS
from deposits.icl.pictures import Pictures
from deposits.icl.profile import Profile
from deposits.icl.tiff import placed_strip
from intake.x9 import Record

_SIZE_DIFFERENCE = LIMITS.size_difference
_SIDES = (("0", "front"), ("1", "back"))
_HEAD = (("bundle_business_date", "business_date"),
         ("ece_institution_routing", "ece_institution_routing"),
         ("cycle_number", "cycle_number"))  # fmt: skip


class Views:
    """Holds the open item and the view that waits for its data."""

    def __init__(self, log: Log, profile: Profile, pictures: Pictures | None) -> None:
        self._log, self._rules, self._pictures = log, profile.images, pictures
        self._item: Record | None = None
        self._shape: tuple[float, float] | None = None
        self._view: Record | None = None
        self._sides: list[str] = []

    def open(self, item: Record) -> None:
        """An item begins (25, 31, 61, 62)."""
        self._item, self._sides, self._shape = item, [], None

    def close(self) -> None:
        """The open item is whole: a check has one front and one back, a credit both or neither."""
        item, self._item = self._item, None
        if item is None or item.type == "31" or not self._rules.required:
            return
        if item.type != "25" and not self._sides:
            return
        for side, name in _SIDES:
            count = self._sides.count(side)
            if count != 1:
                self._log.note("image_sides", item, "view_side",
                               f"The item has {count} {name} images.")  # fmt: skip

    def detail(self, record: Record) -> None:
        """A 50."""
        self.end_view()
        if self._item is None:
            self._log.note("view_outside", record, "record_type", "An image view without an item.")
        there = record.text("image_indicator") != "0"
        if there:
            self._view = record
        side = record.text("view_side")
        if side not in ("0", "1"):
            self._log.note("view_side", record, "view_side", "A view is of side 0 or 1.")
        # A part of a side (descriptor 01 and up) comes beside the full view, never for it.
        if there and record.text("view_descriptor") in ("", "00"):
            self._sides.append(side)
        for name in ("view_format", "view_compression") if self._rules.tiff else ():
            if record.text(name) not in ("", "00"):
                self._log.note("view_format", record, name, "Banks take TIFF 6 and Group 4 (00).")

    def end_view(self) -> None:
        """Any record but a 52 ends the wait for data."""
        if self._view is not None:
            self._log.note("view_without_data", self._view, "record_type",
                           "An image view detail (50) has no data (52).")  # fmt: skip
            self._view = None

    def data(self, record: Record, bundle: Record | None) -> bool:
        """A 52 under the open bundle's header; True where it makes a pair with its 50."""
        view, self._view = self._view, None
        if view is None:
            self._log.note("data_without_view", record, "record_type",
                           "Image view data (52) has no detail (50).")  # fmt: skip
        image = record.binary("image_data")
        said = view.integer("view_data_size") if view is not None else None
        if said and said != len(image):
            self._log.note("view_size", view, "view_data_size",
                           f"The view declares {said} bytes; {len(image)} follow.")  # fmt: skip
        self._sequence(record)
        if bundle is not None:
            for own, name in _HEAD:
                if record.text(own) not in {"", bundle.text(name)}:
                    self._log.note("view_header_differs", record, own,
                                   "The image says something else than its bundle.")  # fmt: skip
        if self._pictures is not None:
            self._twin(record, image)
            front = view is not None and view.text("view_side") == "0"
            self._pictures.take(record.number, image, front=front)
        return view is not None

    def _twin(self, record: Record, image: bytes) -> None:
        """Both sides of one paper are of one size, whatever the resolution of each."""
        placed = placed_strip(image)
        if placed is None or not placed[3]:
            return
        first, shape = self._shape, (placed[1] / placed[3], placed[2] / placed[3])
        self._shape = first or shape
        if first and any(abs(one - two) > _SIZE_DIFFERENCE * max(one, two)
                         for one, two in zip(first, shape, strict=True)):  # fmt: skip
            self._log.note("view_sizes_differ", record, "image_data",
                           f"The item's images are {first[0]:.1f} by {first[1]:.1f} and "
                           f"{shape[0]:.1f} by {shape[1]:.1f} inches.")  # fmt: skip

    def _sequence(self, record: Record) -> None:
        if self._item is None:
            return
        own = self._item.text("ece_item_sequence") or self._item.text("credit_item_sequence")
        if record.text("ece_item_sequence").lstrip("0") not in {"", own.lstrip("0")}:
            self._log.note("view_sequence", record, "ece_item_sequence",
                           "The image carries another item's sequence number.")  # fmt: skip
