"""The bytes of a page's content (ISO 32000-1, 7.8.2), as pdfminer gives them."""

from __future__ import annotations

import zlib
from typing import Any

from pdfminer.pdftypes import PDFStream, list_value, stream_value
from pdfminer.psparser import literal_name

from intake.decoders import ascii85
from intake.decoders.text_fonts import OutOfTheOrdinary

_IN_TEXT = ["ASCII85Decode", "FlateDecode"]


def content_of(page: Any) -> bytes:
    """The page's content as one; its parts are parted by white space."""
    parts = [stream_value(part) for part in list_value(page.contents)]
    numbers = [part.objid for part in parts]
    if None in numbers:
        raise OutOfTheOrdinary
    # No white space at the end: the pattern would look for a token from each place in it.
    return b"\n".join(_data(part) for part in parts).rstrip(b" \t\n\r\f\v\0") + b"\n"


def _data(stream: PDFStream) -> bytes:
    """What a stream holds; text around deflated bytes is undone faster than pdfminer does."""
    if stream.data is None and stream.rawdata is not None and stream.decipher is None:
        filters = stream.get_filters()
        if [literal_name(name) for name, _ in filters] == _IN_TEXT and not any(
            options for _, options in filters
        ):
            body = stream.rawdata.strip().removeprefix(b"<~").removesuffix(b"~>")
            try:
                return zlib.decompress(ascii85.decoded(body))
            except (ValueError, zlib.error):
                pass  # pdfminer makes the best of it
    return stream.get_data()
