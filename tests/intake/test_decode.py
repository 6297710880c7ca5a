"""Good files of every kind come out with the right pages, resolution, turn and words."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from intake.decode import decode, is_x12
from intake.jobs import DecodeInput, decode_file
from intake.limits import Limits
from intake.pixels import decode_image
from intake.types import DecodedPage
from records.errors import UnreadableError
from tests.corpus import good
from tests.intake.x9.samples import sample

CORNER = 60


def marked(size: tuple[int, int] = (900, 600), mode: str = "L") -> Image.Image:
    """White with a black block in the upper left corner, so that turns show."""
    image = Image.new("L", size, 255)
    image.paste(0, (0, 0, 200, 100))
    return image.convert(mode)


def dark(page: DecodedPage, x: int, y: int) -> bool:
    pixels = decode_image(page.encoded)
    return bool(np.mean(pixels[y, x]) < 100)


def test_a_fax_tiff_gives_every_page_exactly_and_with_its_resolution() -> None:
    file = decode(good.g4_tiff(3), "bag.tif")
    assert (file.payload, file.media_type, file.problems) == ("images", "image/tiff", ())
    assert [page.index for page in file.pages] == [0, 1, 2]
    for seed, page in enumerate(file.pages):
        assert (page.width, page.height, page.dpi) == (1700, 2200, 200.0)
        assert page.media_type == "image/png"
        same = decode_image(page.encoded) == np.asarray(good.text_page(seed).convert("L"))
        assert same.all()


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_lzw", "tiff_deflate", "raw"])
@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_tiff_of_any_compression_and_depth_keeps_its_pixels(compression: str, mode: str) -> None:
    if mode != "1" and compression.startswith("group"):
        compression = "jpeg"
    data = good.saved(good.text_page(1, mode, (600, 800)), "TIFF", compression=compression)
    (page,) = decode(data, "x.tif").pages
    pixels = decode_image(page.encoded)
    assert pixels.shape == ((800, 600, 3) if mode == "RGB" else (800, 600))
    expected = np.asarray(good.text_page(1, mode, (600, 800)).convert("L"), dtype=int)
    assert np.abs((pixels if pixels.ndim == 2 else pixels[..., 1]) - expected).mean() < 3


def test_fax_pixels_that_are_not_square_are_made_square() -> None:
    data = good.saved(good.text_page(1, "1", (1728, 1100)), "TIFF", dpi=(204, 98))
    (page,) = decode(data, "fax.tif").pages
    assert page.dpi == 204
    assert (page.width, page.height) == (1728, round(1100 * 204 / 98))


@pytest.mark.parametrize(("orientation", "corner"), [(1, "nw"), (3, "se"), (6, "ne"), (8, "sw")])
@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_a_page_is_turned_as_its_exif_says(orientation: int, corner: str, form: str) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    (page,) = decode(good.saved(marked(), form, exif=exif), "photo").pages
    x = CORNER if "w" in corner else page.width - CORNER
    y = CORNER if "n" in corner else page.height - CORNER
    assert dark(page, x, y)
    assert (page.width > page.height) is (orientation in (1, 3))


@pytest.mark.parametrize(
    ("dpi", "expected"), [(200, 200.0), (300, 300.0), (72, None), (1, None), (9999, None)]
)
def test_a_resolution_that_makes_no_paper_size_is_none(dpi: int, expected: float | None) -> None:
    data = good.saved(good.text_page(1, "L", (4000, 3000)), "JPEG", dpi=(dpi, dpi))
    assert decode(data, "photo.jpg").pages[0].dpi == expected


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_png_of_any_mode_is_read_over_white(mode: str) -> None:
    image = marked()
    if mode == "I;16":
        deep = np.asarray(image, dtype=np.uint16) * 257
        image = Image.fromarray(deep)
    elif mode in ("LA", "RGBA"):
        alpha = image.point(lambda value: 255 - value)
        image = Image.new("L", image.size, 0).convert(mode)
        image.putalpha(alpha)
    else:
        image = image.convert(mode)
    (page,) = decode(good.saved(image, "PNG"), "x.png").pages
    assert dark(page, CORNER, CORNER)
    assert not dark(page, page.width - CORNER, page.height - CORNER)


def test_heic_photos_are_read() -> None:
    file = decode(good.heic_photo(), "IMG_0001.HEIC")
    (page,) = file.pages
    assert (page.width, page.height, file.media_type) == (96, 64, "image/heic")
    assert dark(page, 10, 10)
    assert not dark(page, 90, 60)


def test_a_phone_photo_with_a_preview_inside_is_one_page() -> None:
    exif = Image.Exif()
    exif[274] = 6
    preview = marked((90, 60))
    data = good.saved(marked(), "MPO", save_all=True, append_images=[preview], exif=exif)
    (page,) = decode(data, "IMG_0002.JPG").pages
    assert (page.width, page.height) == (600, 900)


def test_a_scanned_pdf_keeps_the_pixels_of_the_scanner() -> None:
    images = [good.text_page(1), good.text_page(2)]
    file = decode(good.scanned_pdf(images), "scan.pdf")
    for image, page in zip(images, file.pages, strict=True):
        assert (page.width, page.height, page.dpi, page.words) == (1700, 2200, 200.0, ())
        assert (decode_image(page.encoded) == np.asarray(image.convert("L"))).all()


@pytest.mark.parametrize("dpi", [150, 300])
def test_a_scanned_pdf_comes_at_its_own_resolution(dpi: int) -> None:
    size = (round(8.5 * dpi), 11 * dpi)
    data = good.scanned_pdf([good.text_page(1, "L", size)], dpi)
    (page,) = decode(data, "scan.pdf").pages
    assert (page.width, page.height) == size
    assert page.dpi == pytest.approx(dpi, abs=0.5)


def test_a_born_digital_page_has_words_where_the_ink_is() -> None:
    file = decode(good.digital_pdf(2), "eob.pdf")
    for number, page in enumerate(file.pages):
        assert (page.width, page.height, page.dpi) == (1700, 2200, 200.0)
        word = next(w for w in page.words if w.text == f"PAGE-{number}")
        x, y, width, height = word.box
        assert abs(x - 200) <= 4
        assert abs(y + height - 200) <= 12
        pixels = decode_image(page.encoded)
        assert pixels[y : y + height, x : x + width].min() < 100
        assert word.confidence == 1.0
        assert sum(w.text == "125.00" for w in page.words) == 40


@pytest.mark.parametrize("scan", [True, False])
def test_text_that_the_eye_cannot_see_is_not_taken_for_words(scan: bool) -> None:
    (page,) = decode(good.hidden_text_pdf(scan=scan), "x.pdf").pages
    assert page.words == ()


@pytest.mark.parametrize("top", [1.0, 255.0, 65535.0])
def test_floating_point_samples_keep_their_picture(top: float) -> None:
    exact = np.asarray(marked().convert("L"), np.float32)
    image = Image.fromarray(exact / 255 * top)
    (page,) = decode(good.saved(image, "TIFF"), "float.tif").pages
    assert np.abs(decode_image(page.encoded).astype(int) - exact).max() <= 1


@pytest.mark.parametrize("size", [(3000, 1), (1, 3000), (1, 1), (2000, 8)])
def test_a_strip_of_pixels_is_refused_as_no_page(size: tuple[int, int]) -> None:
    with pytest.raises(UnreadableError) as refused:
        decode(good.saved(Image.new("L", size, 255), "PNG"), "strip.png")
    assert refused.value.code == "not_a_page"
    assert refused.value.remedy


def test_an_835_is_text_and_no_pages() -> None:
    data = sample("era835/lfh_managed-care.835")
    file = decode(data, "remit.835")
    assert is_x12(data)
    assert (file.payload, file.pages) == ("x12_835", ())
    assert file.text == data.decode()


def test_an_835_above_its_own_limit_is_refused_and_below_it_taken() -> None:
    data = sample("era835/lfh_managed-care.835")
    small = Limits(max_era_bytes=len(data) - 1)
    refused = decode_file(DecodeInput(data, "remit.835", small, lambda _: "")).refused
    assert refused is not None
    assert refused[0] == "era_too_large"
    assert "LOCKBOX_ERA_BYTES" in refused[1]
    taken = decode_file(
        DecodeInput(data, "remit.835", Limits(max_era_bytes=len(data)), lambda _: "")
    )
    assert taken.refused is None


def test_a_letter_gives_the_views_of_each_item_with_its_facts() -> None:
    front, back = decode(good.x9_letter(), "deposit.x937").pages
    assert [(p.side, p.item, p.dpi) for p in (front, back)] == [
        ("front", 0, 200.0),
        ("back", 0, 200.0),
    ]
    assert front.facts["routing_number"] == "122000661"
    assert front.facts["micr_line"] == "C1234CA122000661A1211D1234C"
    assert front.facts["amount_cents"] == "10050"
    expected = np.asarray(good.text_page(1, size=(1200, 550)).convert("L"))
    assert (decode_image(front.encoded) == expected).all()


@pytest.mark.parametrize(
    ("name", "views"),
    [("valid-ascii.x937", 2), ("valid-ebcdic.x937", 2), ("vendor_test_dstu.x9", 20)],
)
def test_real_letters_give_all_their_views(name: str, views: int) -> None:
    file = decode(sample(f"x9/{name}"), name)
    assert len(file.pages) == views
    assert file.problems == ()
    assert [p.side for p in file.pages] == ["front", "back"] * (views // 2)
