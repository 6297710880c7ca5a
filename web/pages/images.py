"""Page images: one page as PNG, turned as a person turned it, cut and scaled when asked."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Annotated, Final

import cv2
import numpy as np
from fastapi import Query
from starlette.responses import Response

from intake.stored import masks_of
from intake.types import Box, Pixels
from records.errors import Forbidden, UnreadableError, WrongUse
from records.models import PageImage
from web.context import Ctx
from web.routes import STAFF, Routes
from web.task_access import kept_back

routes = Routes()
# A page in full colour takes up to 240 MB of memory: whoever asks third waits.
_two_at_once = threading.BoundedSemaphore(2)
_HALVES: Final = ((8, cv2.IMREAD_REDUCED_COLOR_8), (4, cv2.IMREAD_REDUCED_COLOR_4),
                  (2, cv2.IMREAD_REDUCED_COLOR_2))  # fmt: skip
_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


@routes.get("/pages/{page_id}.png", STAFF)
def page_image(
    ctx: Ctx,
    page_id: str,
    w: Annotated[int | None, Query(ge=40, le=4000)] = None,
    crop: Annotated[str, Query(max_length=40, pattern=r"^(\d+,\d+,\d+,\d+)?$")] = "",
    turn: Annotated[str, Query(pattern=r"^(0|90|180|270)$")] = "0",
) -> Response:
    """The page; ``w`` scales it down to so many pixels of width.

    ``crop`` is ``x,y,width,height`` in pixels of the page after its rotation, cut before scaling.
    ``turn`` turns what is left clockwise by so many degrees: a check may lie upside down.
    Each look is written to the audit chain, and each refusal: a page that a supervisor reviews
    is theirs alone, and one that was passed on is the other office's.
    """
    with ctx.read() as session:
        closed = kept_back(ctx, session, [page_id])
        page = session.get_one(PageImage, page_id)
        sha256, rotation, masks = page.image_sha256, page.rotation, masks_of(page)
        # The width as shown: a quarter turn makes the height of it.
        across = page.height if rotation in (90, 270) else page.width
    if closed:
        ctx.saw("access.refused", "page", page_id)
        raise Forbidden(
            "supervisors_only",
            "This page is kept back: a supervisor reviews it, or it is another office's mail.",
            "Ask billing if you need it.",
        )
    box = _box(crop)
    with _two_at_once:
        reduced = 1 if box else reduction(across, w)
        encoded = draw(
            ctx.store.get(sha256), rotation, box, w,
            reduced=reduced, turn=int(turn), masks=masks,
        )  # fmt: skip
    ctx.saw("page.viewed", "page", page_id)
    # Private and revalidated never: patient images do not stay behind in a browser's cache.
    return Response(encoded, media_type="image/png", headers={"cache-control": "no-store"})


def reduction(across: int, width: int | None) -> int:
    """How many times smaller (1, 2, 4, 8) a page ``across`` pixels wide may be decoded for
    ``width`` pixels, so that it is still not too small."""
    if width is None:
        return 1
    return next((times for times, _ in _HALVES if across // times >= width), 1)


def draw(
    encoded: bytes,
    rotation: int,
    box: Box | None,
    width: int | None,
    *,
    reduced: int = 1,
    turn: int = 0,
    masks: Sequence[Box] = (),
) -> bytes:
    """PNG of an encoded page: turned clockwise, then cut to ``box``, then scaled to ``width``.

    ``turn`` (degrees clockwise) comes after the cut and before the scaling.
    ``reduced`` decodes it that many times smaller, which no box may then refer to. ``masks`` are
    painted black before anything else, in pixels of the image as stored.
    """
    mode = dict(_HALVES).get(reduced, cv2.IMREAD_COLOR) | cv2.IMREAD_IGNORE_ORIENTATION
    pixels = cv2.imdecode(np.frombuffer(encoded, np.uint8), mode)
    if pixels is None:
        raise UnreadableError(
            "image_unreadable",
            "This page's image cannot be shown.",
            "Download the original instead.",
        )
    image = np.array(pixels, np.uint8) if masks else np.asarray(pixels, np.uint8)
    for x, y, wide, tall in masks:
        # Outwards to whole pixels: no rim of a digit stays when the page is decoded smaller.
        below, right = -(-(y + tall) // reduced), -(-(x + wide) // reduced)
        image[max(0, y // reduced) : below, max(0, x // reduced) : right] = 0
    if rotation in _TURNS:
        image = np.asarray(cv2.rotate(image, _TURNS[rotation]), np.uint8)
    if box is not None:
        image = _cut(image, box)
    if turn in _TURNS:
        image = np.asarray(cv2.rotate(image, _TURNS[turn]), np.uint8)
    if width is not None and width < image.shape[1]:
        height = max(1, round(image.shape[0] * width / image.shape[1]))
        image = np.asarray(
            cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8
        )
    if _is_gray(image):
        image = np.ascontiguousarray(image[:, :, 0])  # a third of the bytes on the line
    done, png = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not done:
        raise UnreadableError("image_unreadable", "This page's image cannot be shown.")
    return png.tobytes()


def _box(crop: str) -> Box | None:
    if not crop:
        return None
    x, y, width, height = (int(part) for part in crop.split(","))
    return (x, y, width, height)


def _cut(image: Pixels, box: Box) -> Pixels:
    x, y, width, height = box
    part = image[y : y + height, x : x + width]
    if part.size == 0:
        raise WrongUse("outside_page", "This part lies outside the page.", "Show the whole page.")
    return part


def _is_gray(image: Pixels) -> bool:
    """Whether a sample of the pixels has no colour at all."""
    sample = image[::7, ::7].astype(np.int16)
    return bool((np.ptp(sample, axis=2) == 0).all())
