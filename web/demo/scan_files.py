"""Files as scanners write them: image PDF (JPEG and G4 pages), multi-page G4 TIFF, JPEG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from PIL import Image, ImageOps

from web.demo.mail import Kind, Picture


@dataclass(frozen=True, slots=True)
class EncodedPage:
    """A page's picture as it lies in the file: JPEG bytes, or one G4 strip (0 bits are white)."""

    codec: Literal["jpeg", "g4"]
    data: bytes
    width: int
    height: int
    dpi: int
    kind: Kind
    color: bool


def encode(picture: Picture) -> EncodedPage:
    """Compress a page: G4 when it is bitonal, JPEG otherwise."""
    pixels = picture.pixels
    height, width = pixels.shape[:2]
    if picture.mode == "bitonal":
        data = _g4(pixels)
        return EncodedPage("g4", data, width, height, picture.dpi, picture.kind, color=False)
    out = io.BytesIO()
    color = pixels.ndim == 3
    image = Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1]) if color else pixels)
    image.save(out, "JPEG", quality=picture.jpeg_quality, dpi=(picture.dpi, picture.dpi))
    return EncodedPage(
        "jpeg", out.getvalue(), width, height, picture.dpi, picture.kind, color=color
    )


def _g4(pixels: Any) -> bytes:
    """The page as one ITU-T T.6 strip whose 0 bits are white, as scanners write it."""
    height = pixels.shape[0]
    out = io.BytesIO()
    # Pillow writes 0 as black; inverted ink gives the customary white-is-zero strip.
    ink = ImageOps.invert(Image.fromarray(pixels)).convert("1", dither=Image.Dither.NONE)
    ink.save(out, "TIFF", compression="group4", tiffinfo={278: height})
    with Image.open(io.BytesIO(out.getvalue())) as made:
        tags: Any = made.tag_v2  # type: ignore[attr-defined]
        start, size = tags[273][0], tags[279][0]
    return out.getvalue()[start : start + size]


def write_pdf(pages: Sequence[EncodedPage]) -> bytes:
    """An image-only PDF (ISO 32000-1), one picture a page, its size from the resolution."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    first = 3
    kids = " ".join(f"{first + 3 * number} 0 R" for number in range(len(pages)))
    objects.append(f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>".encode())
    for number, page in enumerate(pages):
        wide, high = page.width * 72 / page.dpi, page.height * 72 / page.dpi
        at = first + 3 * number
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {wide:.2f} {high:.2f}] "
            f"/Resources << /XObject << /Im0 {at + 2} 0 R >> >> /Contents {at + 1} 0 R >>".encode()
        )
        objects.append(_stream("", f"q {wide:.2f} 0 0 {high:.2f} 0 0 cm /Im0 Do Q".encode()))
        objects.append(_stream(_image_entries(page), page.data))
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n".encode()
    return bytes(out + b"%%EOF\n")


def _stream(entries: str, data: bytes) -> bytes:
    return f"<< {entries}/Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def _image_entries(page: EncodedPage) -> str:
    size = f"/Type /XObject /Subtype /Image /Width {page.width} /Height {page.height} "
    if page.codec == "jpeg":
        space = "/DeviceRGB" if page.color else "/DeviceGray"
        return f"{size}/ColorSpace {space} /BitsPerComponent 8 /Filter /DCTDecode "
    return (
        f"{size}/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode "
        f"/DecodeParms << /K -1 /Columns {page.width} /Rows {page.height} >> "
    )


def write_tiff(pages: Sequence[EncodedPage]) -> bytes:
    """A multi-page TIFF 6.0 (little endian), each page one G4 strip, white is zero."""
    out = bytearray(b"II*\0\0\0\0\0")
    link = 4
    for number, page in enumerate(pages):
        if page.codec != "g4":
            raise ValueError("a G4 TIFF holds bitonal pages only")
        strip = len(out)
        out += page.data + b"\0" * (len(page.data) % 2)
        resolution = len(out)
        out += page.dpi.to_bytes(4, "little") + (1).to_bytes(4, "little")
        entries = (
            (254, 4, 1, 2), (256, 4, 1, page.width), (257, 4, 1, page.height), (258, 3, 1, 1),
            (259, 3, 1, 4), (262, 3, 1, 0), (266, 3, 1, 1), (273, 4, 1, strip), (277, 3, 1, 1),
            (278, 4, 1, page.height), (279, 4, 1, len(page.data)), (282, 5, 1, resolution),
            (283, 5, 1, resolution), (296, 3, 1, 2), (297, 3, 2, number | len(pages) << 16),
        )  # fmt: skip
        directory = len(out)
        out[link : link + 4] = directory.to_bytes(4, "little")
        out += len(entries).to_bytes(2, "little")
        for tag, kind, count, value in entries:
            out += tag.to_bytes(2, "little") + kind.to_bytes(2, "little")
            out += count.to_bytes(4, "little") + value.to_bytes(4, "little")
        link = len(out)
        out += b"\0\0\0\0"
    return bytes(out)
