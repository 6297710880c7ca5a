"""Hostile and broken files, made here, each with the refusal codes that are right for it."""

from __future__ import annotations

import base64
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen import canvas

from intake.x9 import Framing, X9File, encode_file
from tests.corpus.good import digital_pdf, g4_tiff, saved, text_page
from tests.intake.x9.samples import letter

Hostile = tuple[str, bytes, frozenset[str]]
_MIB = 1024 * 1024


def pdf_of(objects: Iterable[bytes], head: bytes = b"%PDF-1.7\n") -> bytes:
    """A PDF of numbered objects (the first is the catalog) with a right cross-reference table."""
    out = bytearray(head)
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, start)
    return bytes(out)


def one_page_pdf(stream: bytes, keys: bytes = b"", page: bytes = b"", *more: bytes) -> bytes:
    """A PDF of one page with the given content stream, its dictionary keys and page keys."""
    box = b"" if b"/MediaBox" in page else b"/MediaBox[0 0 612 792]"
    return pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/Contents 4 0 R%s%s>>" % (box, page),
            b"<</Length %d%s>>stream\n%s\nendstream" % (len(stream), keys, stream),
            *more,
        ]
    )


def deflated_zeros(mebibytes: int) -> bytes:
    """A zlib stream of so many MiB of zeros, put together without making them."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = squeezer.compress(bytes(_MIB)) + squeezer.flush(zlib.Z_FULL_FLUSH)
    checksum = (mebibytes * _MIB % 65521) << 16 | 1
    return b"\x78\x9c" + block * mebibytes + b"\x03\x00" + struct.pack(">I", checksum)


def nested_bomb() -> bytes:
    """Some 2 KB that inflate, three levels deep, past 2 GB."""
    stream = zlib.compress(zlib.compress(deflated_zeros(2200), 9), 9)
    return one_page_pdf(stream, b"/Filter[/FlateDecode/FlateDecode/FlateDecode]")


def wrapped_bomb() -> bytes:
    """A bomb that starts as text (ASCII85), where a look at the bytes does not find it."""
    body = base64.a85encode(zlib.compress(deflated_zeros(2200), 9)) + b"~>"
    return one_page_pdf(body, b"/Filter[/ASCII85Decode/FlateDecode/FlateDecode]")


def laughing_pdf(depth: int = 12, width: int = 12) -> bytes:
    """Forms that draw forms that draw forms: a few KB, and ``width ** depth`` strokes."""
    forms = []
    for level in range(depth):
        inner = b"/F Do " * width if level < depth - 1 else b"0 0 m 600 700 l S "
        resources = b"/Resources<</XObject<</F %d 0 R>>>>" % (6 + level)
        forms.append(
            b"<</Type/XObject/Subtype/Form/BBox[0 0 612 792]%s/Length %d>>stream\n%s\nendstream"
            % (resources if level < depth - 1 else b"", len(inner), inner)
        )
    return one_page_pdf(b"/F Do", b"", b"/Resources<</XObject<</F 5 0 R>>>>", *forms)


def patched_tiff(tag: int, value: int) -> bytes:
    """A good one-strip Group 4 TIFF with one tag's value overwritten."""
    data = bytearray(one_strip_tiff())
    at = struct.unpack_from("<I", data, 4)[0]
    for place in range(at + 2, at + 2 + 12 * struct.unpack_from("<H", data, at)[0], 12):
        if struct.unpack_from("<H", data, place)[0] == tag:
            kind = struct.unpack_from("<H", data, place + 2)[0]
            struct.pack_into("<H" if kind == 3 else "<I", data, place + 8, value)
    return bytes(data)


def one_strip_tiff() -> bytes:
    """A letter page as Group 4 in a single strip, which starts at byte 8."""
    return saved(text_page(5), "TIFF", compression="group4", dpi=(200, 200), tiffinfo={278: 2200})


def damaged_tiff(change: Callable[[bytes], bytes], first: float, last: float) -> bytes:
    """A Group 4 page with a part of its strip (shares of its length) replaced."""
    data, length = one_strip_tiff(), len(one_strip_tiff()) - 600
    start, end = 8 + int(length * first), 8 + int(length * last)
    return data[:start] + change(data[start:end]) + data[end:]


def huge_tiff() -> bytes:
    """A TIFF of 200 bytes that claims 900 megapixels."""
    tags = {256: 30000, 257: 30000, 258: 1, 259: 1, 262: 1, 273: 8, 277: 1, 278: 30000, 279: 20}
    out = b"II*\0" + struct.pack("<I", 28) + bytes(20) + struct.pack("<H", len(tags))
    out += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    return out + bytes(4)


def circular_tiff() -> bytes:
    """A TIFF whose page follows itself."""
    data = bytearray(one_strip_tiff())
    at = struct.unpack_from("<I", data, 4)[0]
    struct.pack_into("<I", data, at + 2 + 12 * struct.unpack_from("<H", data, at)[0], at)
    return bytes(data)


def many_page_tiff(pages: int) -> bytes:
    """A TIFF of ``pages`` one-pixel pages that share a byte."""
    out = b"II*\0" + struct.pack("<I", 10) + b"\0\0"
    tags = {256: 1, 257: 1, 258: 1, 259: 1, 262: 1, 273: 8, 277: 1, 278: 1, 279: 1}
    size = 2 + 12 * len(tags) + 4
    for page in range(pages):
        out += struct.pack("<H", len(tags))
        out += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
        out += struct.pack("<I", 0 if page == pages - 1 else 10 + size * (page + 1))
    return out


def png_of(width: int, height: int, body: bytes) -> bytes:
    """A gray PNG that claims this size over this IDAT body."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def huge_jpeg() -> bytes:
    """A good JPEG whose frame header claims 65,500 x 65,500."""
    data = bytearray(saved(text_page(1, "L", (200, 200)), "JPEG"))
    at = data.find(b"\xff\xc0")
    struct.pack_into(">HH", data, at + 5, 65500, 65500)
    return bytes(data)


def heic_of(width: int, height: int, tail: bytes = b"") -> bytes:
    """The head of a HEIC that claims this size, and nothing to decode."""
    extents = struct.pack(">I4sIII", 20, b"ispe", 0, width, height)
    meta = struct.pack(">I4sI", 12 + len(extents), b"meta", 0) + extents
    return struct.pack(">I4s4sI4s", 20, b"ftyp", b"heic", 0, b"mif1") + meta + tail


def locked_pdf() -> bytes:
    """A PDF that asks for a password."""
    out = io.BytesIO()
    sheet = canvas.Canvas(out, encrypt=StandardEncryption("secret", "owner", strength=128))
    sheet.drawString(72, 700, "Remittance")
    sheet.showPage()
    sheet.save()
    return out.getvalue()


def zip_of(name: str, body: bytes) -> bytes:
    """A small ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
    return out.getvalue()


def x9_of(image: bytes) -> bytes:
    """An image cash letter with this as the front and the back of its check."""
    return encode_file(X9File(Framing(), tuple(letter((image, image)))))


def _x12(kind: str, end: bool) -> bytes:
    head = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *201023*0911*^*"
    head += "00501*000000001*0*P*:~GS*HP*A*B*20201023*0911*1*X*005010X221A1~"
    tail = "SE*3*0001~GE*1*1~IEA*1*000000001~" if end else ""
    return f"{head}ST*{kind}*0001~BPR*I*125*C*CHK~{tail}".encode()


def _pdf_files() -> list[tuple[str, bytes, str]]:
    good = digital_pdf(3)
    huge_image = (
        b"<</Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 1"
        b"/ColorSpace/DeviceGray/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 60000"
        b"/Rows 60000>>/Length 4>>stream\n\xff\xff\xff\xff\nendstream"
    )
    tree = b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 4>>"
    return [
        ("locked.pdf", locked_pdf(), "encrypted_pdf"),
        ("cut.pdf", good[: len(good) // 2], "truncated_file"),
        ("cut-early.pdf", good[:40], "truncated_file"),
        ("noise.pdf", b"%PDF-1.4\n" + random.Random(1).randbytes(999) + b"\n%%EOF", "corrupt_file"),
        ("no-pages.pdf", pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", tree]), "corrupt_file"),
        ("bomb.pdf", nested_bomb(), "decompression_bomb"),
        ("flat-bomb.pdf", one_page_pdf(deflated_zeros(300), b"/Filter/FlateDecode"),
         "decompression_bomb"),
        ("hidden-bomb.pdf", one_page_pdf(zlib.compress(deflated_zeros(300), 9),
         b"/Filter[/Fl#61teDecode/F#6cateDecode]"), "decompression_bomb"),
        ("wrapped-bomb.pdf", wrapped_bomb(), "decompression_bomb"),
        ("wall.pdf", one_page_pdf(b"", b"", b"/MediaBox[0 0 90000 90000]"), "too_many_pixels"),
        ("huge-image.pdf", one_page_pdf(b"q 612 0 0 792 0 0 cm /I Do Q", b"",
         b"/Resources<</XObject<</I 5 0 R>>>>", huge_image), "too_many_pixels"),
        ("with-zip.pdf", good + zip_of("run.sh", b"echo"), "polyglot_file"),
        ("html-first.pdf", b"<html><script>1</script></html>\n" + good, "polyglot_file"),
        ("html-last.pdf", good + b"\n<script>alert(1)</script>", "polyglot_file"),
    ]  # fmt: skip


def _image_files() -> list[tuple[str, bytes, str]]:
    jpeg = saved(text_page(1, "RGB", (600, 800)), "JPEG")
    png = saved(text_page(1, "L", (600, 800)), "PNG")
    tiff = g4_tiff(2)
    noise = random.Random(2)
    return [
        ("huge.tif", huge_tiff(), "too_many_pixels"),
        ("cut-g4.tif", tiff[: len(tiff) // 2], "truncated_file"),
        ("short-strip-g4.tif", patched_tiff(279, 9000), "truncated_file"),
        ("zeroed-g4.tif", damaged_tiff(lambda part: bytes(len(part)), 0.4, 0.7), "corrupt_file"),
        ("noisy-g4.tif", damaged_tiff(lambda part: noise.randbytes(len(part)), 0.4, 0.7),
         "corrupt_file"),
        ("circular.tif", circular_tiff(), "corrupt_file"),
        ("endless.tif", many_page_tiff(2500), "too_many_pages"),
        ("cut.png", png[: len(png) // 2], "truncated_file"),
        ("broken.png", png_of(600, 800, b"\x78\x9c" + noise.randbytes(400)), "corrupt_file"),
        ("short.png", png_of(600, 800, zlib.compress(bytes(100))), "truncated_file"),
        ("huge.png", png_of(50_000, 50_000, zlib.compress(bytes(9))), "too_many_pixels"),
        ("with-zip.png", png + zip_of("a.txt", b"a"), "polyglot_file"),
        ("cut.jpg", jpeg[: len(jpeg) // 2], "truncated_file"),
        ("headless.jpg", jpeg[:200], "truncated_file"),
        ("huge.jpg", huge_jpeg(), "too_many_pixels"),
        ("with-pdf.jpg", jpeg[:2] + b"\xff\xfe\x00\x0b%PDF-1.7\n" + jpeg[2:], "polyglot_file"),
        ("huge.heic", heic_of(60_000, 60_000), "too_many_pixels"),
        ("broken.heic", heic_of(600, 800, bytes(5000)), "corrupt_file"),
    ]  # fmt: skip


def _other_files() -> list[tuple[str, bytes, str]]:
    x9 = x9_of(one_strip_tiff())
    return [
        ("nothing.pdf", b"", "empty_file"),
        ("zeros.tif", bytes(4096), "empty_file"),
        ("letter.txt", b"Dear Sir or Madam,\n" * 20, "unsupported_file"),
        ("page.html", b"<!DOCTYPE html><html><body>hello</body></html>", "unsupported_file"),
        ("report.docx", zip_of("word/document.xml", b"<w/>"), "unsupported_file"),
        ("bomb.zip", zip_of("zeros", bytes(20 * _MIB)), "unsupported_file"),
        ("picture.gif", saved(text_page(1, "L", (50, 50)), "GIF"), "unsupported_file"),
        ("invoice.pdf", b"MZ\x90\x00" + bytes(500), "unsupported_file"),
        ("noise.bin", b"\x07" + random.Random(3).randbytes(3000), "unsupported_file"),
        ("claim.837", _x12("837", end=True), "unsupported_file"),
        ("cut.835", _x12("835", end=False), "truncated_file"),
        ("no-images.x9", x9_of(b""), "no_images"),
        ("bomb-view.x9", x9_of(huge_tiff()), "no_images"),
        ("long-record.x9", x9[:84] + b"\x7f\xff\xff\xff" + x9[88:], "corrupt_file"),
    ]


def hostile_files() -> list[Hostile]:
    """Every file with its name and the codes that a refusal of it may carry."""
    files = [*_pdf_files(), *_image_files(), *_other_files()]
    return [(name, data, frozenset({code})) for name, data, code in files]


def slow_files() -> list[Hostile]:
    """Files that keep a decoder busy until its time is over; give them small limits."""
    return [("laughing.pdf", laughing_pdf(), frozenset({"decode_timeout"}))]


def page_among_good_ones() -> bytes:
    """A PDF of three pages whose second is a wall that nobody could scan."""
    sizes = (b"612 792", b"90000 90000", b"612 792")
    pages = [
        b"<</Type/Page/Parent 2 0 R/Contents 6 0 R/MediaBox[0 0 %s]>>" % size for size in sizes
    ]
    return pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R]/Count 3>>",
            *pages,
            b"<</Length 28>>stream\n100 100 m 500 600 l 9 w S    \nendstream",
        ]
    )
