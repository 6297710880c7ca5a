"""Good files of every kind, made here, with what they hold known."""

from __future__ import annotations

import base64
import io
import random

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from intake.x9 import Framing, X9File, encode_file
from tests.intake.x9.samples import letter

LETTER = (1700, 2200)
"""A letter page at 200 dpi, in pixels."""


def text_page(seed: int, mode: str = "1", size: tuple[int, int] = LETTER) -> Image.Image:
    """A page full of words, different for every seed."""
    rng = random.Random(seed)
    image = Image.new("L", size, 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(28)
    for y in range(80, size[1] - 80, 60):
        words = ("".join(rng.choices("abcdefghijklmnop0123456789", k=6)) for _ in range(12))
        draw.text((100, y), " ".join(words), fill=0, font=font)
    if mode == "RGB":
        tint = Image.new("L", size, 235)
        return Image.merge("RGB", (image, image, Image.composite(tint, image, image)))
    return image.point(lambda v: 255 * (v > 127), "1") if mode == "1" else image.convert(mode)


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    """The image as a file of ``form``."""
    out = io.BytesIO()
    image.save(out, form, **options)  # type: ignore[arg-type]
    return out.getvalue()


def g4_tiff(pages: int, dpi: tuple[float, float] = (200, 200), **options: object) -> bytes:
    """A multi-page Group 4 TIFF as a scanner writes it."""
    images = [text_page(seed) for seed in range(pages)]
    return saved(
        images[0],
        "TIFF",
        save_all=True,
        append_images=images[1:],
        compression="group4",
        dpi=dpi,
        **options,
    )


def scanned_pdf(images: list[Image.Image], dpi: float = 200) -> bytes:
    """A PDF in which every page is one image."""
    return saved(images[0], "PDF", save_all=True, append_images=images[1:], resolution=dpi)


def digital_pdf(pages: int = 1, lines: int = 40) -> bytes:
    """A born-digital PDF; page ``n`` holds the word ``PAGE-n`` at one inch from left and top."""
    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=(612, 792))
    for page in range(pages):
        sheet.setFont("Helvetica", 12)
        sheet.drawString(72, 720, f"PAGE-{page} EXPLANATION OF BENEFITS")
        sheet.setFont("Courier", 9)
        for line in range(lines):
            sheet.drawString(72, 690 - 15 * line, f"CLAIM {page:03}{line:03} 99213 125.00 80.00")
        sheet.showPage()
    sheet.save()
    return out.getvalue()


def hidden_text_pdf(*, scan: bool) -> bytes:
    """A PDF with text that the eye cannot see: under a scan (an OCR layer), or alone."""
    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=(612, 792))
    if scan:
        sheet.drawImage(ImageReader(text_page(3)), 0, 0, 612, 792)
    else:
        for line in range(20):
            sheet.drawString(72, 700 - 20 * line, "Pay to the order of the practice 12.00")
    text = sheet.beginText(72, 100)
    text.setTextRenderMode(3)
    text.textLine("Amount 99,999.00")
    sheet.drawText(text)
    sheet.showPage()
    sheet.save()
    return out.getvalue()


def x9_letter() -> bytes:
    """An image cash letter of one check with Group 4 front and back."""
    views = tuple(
        saved(text_page(seed, size=(1200, 550)), "TIFF", compression="group4", dpi=(200, 200))
        for seed in (1, 2)
    )
    return encode_file(X9File(Framing(), tuple(letter(views))))


# White, 96 x 64, with a black block of 40 x 24 in the upper left corner. Encoded once by hand:
# the encoder's licence keeps it out of the project.
_HEIC = """
AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAUJtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAA
AAAAAA5waXRtAAAAAAABAAAAImlsb2MAAAAAREAAAQABAAAAAAFmAAEAAAAAAAAAJwAAACNpaW5mAAAAAAABAAAAFWluZmUC
AAAAAAEAAGh2YzEAAAAAwmlwcnAAAACkaXBjbwAAAHhodmNDAQNwAAAAAAAAAAAAHvAA/P34+AAADwMgAAEAGEABDAH//wNw
AAADAJAAAAMAAAMAHroCQCEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoDCBBZbqSSmubgQEDAgAAAMACAAAAwAIQCIAAQAHRAHB
crAiQAAAABRpc3BlAAAAAAAAAGAAAABAAAAAEHBpeGkAAAAAAwgICAAAABZpcG1hAAAAAAAAAAEAAQOBAoMAAAAvbWRhdAAA
ACMoAa8ZgP0DI//Fq3mz/G99eARcubZ428HqjWv23d5y6xxo4A==
"""


def heic_photo() -> bytes:
    """A small HEIC picture, black in its upper left corner."""
    return base64.b64decode(_HEIC)
