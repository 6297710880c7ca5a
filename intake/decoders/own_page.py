"""A PDF of our own with one small page, by which the decoders are made ready before any mail."""

from __future__ import annotations

_FONTS = ("Helvetica", "Helvetica-Bold", "Times-Roman", "Courier", "Courier-Bold")


def own_pdf() -> bytes:
    """One page that shows a word in each of the usual fonts, a line and a shade (ISO 32000-1)."""
    names = " ".join(f"/F{number} {number + 6} 0 R" for number in range(len(_FONTS)))
    shown = " ".join(
        f"BT /F{number} 9 Tf 1 0 0 1 9 {60 - 10 * number} Tm (Paid 1,234.50) Tj ET"
        for number in range(len(_FONTS))
    )
    content = f"q 0.9 g 9 9 60 9 re f Q 0 g {shown} 9 8 m 60 8 l S"
    box = "/MediaBox [0 0 108 72]"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R {box} /Contents 4 0 R /Resources << /Font 5 0 R >> >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        f"<< {names} >>",
        *(
            f"<< /Type /Font /Subtype /Type1 /BaseFont /{font} /Encoding /WinAnsiEncoding >>"
            for font in _FONTS
        ),
    )
    file = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(file))
        file += f"{number} 0 obj\n{body}\nendobj\n".encode()
    listed = "".join(f"{place:010d} 00000 n \n" for place in places)
    count = len(objects) + 1
    tail = f"xref\n0 {count}\n0000000000 65535 f \n{listed}trailer\n"
    end = f"<< /Size {count} /Root 1 0 R >>\nstartxref\n{len(file)}\n%%EOF\n"
    return file + (tail + end).encode()
