"""How much one received file may ask of the machine before it is refused."""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for decoding one file; each has a refusal code of its own.

    ``max_era_bytes`` bounds an 835, which takes about 35 times its size of memory to read.
    ``max_page_pixels`` also bounds what a PDF page may be rendered to. ``max_inflated_bytes``
    is what one compressed stream may become. ``silence_seconds`` is the longest the decoder may
    go without a page, ``total_seconds`` the longest it may work in all (time the caller takes
    between pages does not count), ``cpu_seconds`` its processor time. ``memory_bytes`` is its
    address space.
    """

    max_file_bytes: int = 256 * _MIB
    max_era_bytes: int = 16 * _MIB
    max_pages: int = 2_000
    max_page_pixels: int = 80_000_000
    max_inflated_bytes: int = 256 * _MIB
    max_words: int = 20_000
    max_page_bytes: int = 64 * _MIB
    silence_seconds: float = 60.0
    total_seconds: float = 900.0
    cpu_seconds: int = 600
    memory_bytes: int = 1024 * _MIB
