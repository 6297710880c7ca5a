"""Untrusted bytes to page images, in a limited child process that cannot take the service along."""

from __future__ import annotations

from collections.abc import Iterator

from intake.child import ChildFailed, child_parts
from intake.headers import check_headers
from intake.limits import Limits
from intake.sniff import MEDIA_TYPES, Kind, sniff
from intake.types import DecodedFile, DecodedPage, PageProblem
from records.errors import UnreadableError

_SCAN_AGAIN = "Scan it again, or ask the sender for it again."
_ERRORS: dict[str, tuple[str, str]] = {
    "empty_file": ("The file holds nothing.", "Scan or photograph it again."),
    "unsupported_file": ("The file is of a kind that is not taken here.", "Send a PDF or TIFF."),
    "polyglot_file": ("The file claims to be two kinds of file at once.", _SCAN_AGAIN),
    "encrypted_pdf": (
        "The PDF is locked with a password.",
        "Open it with the password, print it to a new PDF and send that.",
    ),
    "truncated_file": ("The end of the file or of a page is missing.", _SCAN_AGAIN),
    "corrupt_file": ("The file is damaged and shows no page.", _SCAN_AGAIN),
    "not_a_page": (
        "The picture is a strip of a few pixels and shows no page.",
        "Scan or photograph the whole page again.",
    ),
    "no_images": (
        "The image cash letter holds no image that can be read.",
        "Ask the sender for the file with its images.",
    ),
    "too_many_pages": ("The file has too many pages.", "Scan it in smaller batches."),
    "too_many_pixels": (
        "A page is larger than any paper in the mail.",
        "Scan it at 200 to 300 dpi.",
    ),
    "decompression_bomb": (
        "The file holds data that inflates to more than any page needs.",
        "Ask the sender for a clean copy, or scan the paper.",
    ),
    "decode_timeout": ("Decoding took too long and was stopped.", "Scan it in smaller batches."),
    "decode_memory": ("Decoding needed too much memory and was stopped.", "Scan it at 200 dpi."),
    "decode_crashed": ("The decoder broke down on this file.", _SCAN_AGAIN),
}


def refusal(code: str) -> UnreadableError:
    """The error for a refusal code, with what happened and what to do."""
    message, remedy = _ERRORS.get(code, _ERRORS["corrupt_file"])
    return UnreadableError(code if code in _ERRORS else "corrupt_file", message, remedy)


def decode(data: bytes, name: str, limits: Limits | None = None) -> DecodedFile:
    """All pages of a received file at once.

    ``name`` is only for people: the kind is told by the bytes. A page that cannot be read while
    others can is listed in ``problems``. Raises ``UnreadableError`` with a code of ``_ERRORS``
    (or ``too_large``) when nothing of the file can be used, UnavailableError ``decoder_ended``
    when the decoder was killed from outside: that says nothing of the file.
    """
    kind = sniff(data)
    if kind == "x12_835":
        return DecodedFile("x12_835", MEDIA_TYPES[kind], (), _text_of_835(data, limits))
    parts = list(decode_pages(data, name, limits))
    pages = tuple(part for part in parts if isinstance(part, DecodedPage))
    problems = tuple(part for part in parts if isinstance(part, PageProblem))
    return DecodedFile("images", MEDIA_TYPES[kind], pages, "", problems)


def is_x12(data: bytes, limits: Limits | None = None) -> bool:
    """Whether the file is an 835, which has text and no pages; raises as ``decode`` does."""
    kind = sniff(data)
    if kind == "x12_835":
        check_headers(data, kind, limits or Limits())
    return kind == "x12_835"


def decode_pages(
    data: bytes, name: str, limits: Limits | None = None
) -> Iterator[DecodedPage | PageProblem]:
    """The pages of a file one by one, as the child finishes them; holds one page in memory.

    An 835 has none. Raises as ``decode`` does, at the first step or, when the decoder dies on
    the way, after pages: what came before is good. Closing the iterator ends the child.
    """
    del name
    limits = limits or Limits()
    kind = sniff(data)
    check_headers(data, kind, limits)
    if kind == "x12_835":
        return
    waiting: list[PageProblem] = []
    pages = 0
    for part in _parts(data, kind, limits):
        if isinstance(part, DecodedPage):
            pages += 1
            yield from waiting
            waiting.clear()
            yield part
        elif pages:
            yield part
        else:
            waiting.append(part)
    if not pages:
        raise refusal("no_images" if kind == "x9" else waiting[0].code if waiting else "")


def _parts(data: bytes, kind: Kind, limits: Limits) -> Iterator[DecodedPage | PageProblem]:
    try:
        for part in child_parts(data, kind, limits):
            if isinstance(part, DecodedPage):
                yield part
            else:
                yield PageProblem(part[0], part[1], refusal(part[1]).message)
    except ChildFailed as failure:
        raise refusal(failure.code) from None


def _text_of_835(data: bytes, limits: Limits | None) -> str:
    check_headers(data, "x12_835", limits or Limits())
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
