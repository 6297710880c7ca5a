"""Small trained nets that read one line: how ink is prepared and a net is run."""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.types import Pixels
from ocr.engine import one_thread

_lock = threading.Lock()


def ink_of(gray: Pixels) -> NDArray[np.uint8]:
    """How much darker each pixel is than the paper about it, stretched to 0..255."""
    size = max(5, round(0.6 * gray.shape[0])) | 1
    paper = cv2.blur(cv2.dilate(gray, np.ones((size, size), np.uint8)), (size, size))
    depth = cv2.subtract(paper, gray)
    peak = max(40.0, float(np.percentile(depth, 99)))
    # What is paler than an eighth of the ink is the paper's grain.
    stretched = (np.asarray(depth, np.float32) - peak / 8) * (292 / peak)
    return np.asarray(np.clip(stretched, 0, 255), np.uint8)


@cache
def _made(model: Path) -> Any:
    import onnxruntime  # noqa: PLC0415 - 0.2 s of start-up that only readers of lines pay

    return onnxruntime.InferenceSession(
        str(model), one_thread(), providers=["CPUExecutionProvider"]
    )


def session(model: Path) -> Any:
    """The net's session, made once a process; its ``run`` keeps no state and is thread-safe."""
    with _lock:
        return _made(model)


def extent_of(
    dark: NDArray[np.bool_], *, edge: float, least: int, lowest: int
) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of all dark pixels but the ``edge`` part of them at top and bottom.

    None where there are fewer than ``least`` of them, or fewer than ``lowest`` rows.
    """
    rows = dark.sum(axis=1).cumsum()
    total = int(rows[-1])
    if total < least:
        return None
    top = int(np.searchsorted(rows, edge * total, side="right"))
    bottom = int(np.searchsorted(rows, (1 - edge) * total)) + 1
    columns = np.flatnonzero(dark[top:bottom].any(axis=0))
    if bottom - top < lowest or not len(columns):
        return None
    return int(columns[0]), top, int(columns[-1]) + 1, bottom


def laid(
    ink: NDArray[np.uint8], extent: tuple[int, int, int, int], height: int, high: int,
    margin: int, widest: int,
) -> NDArray[np.uint8]:  # fmt: skip
    """The ink within ``extent`` (left, top, right, bottom), ``high`` pixels high, in the middle of
    ``height`` rows with ``margin`` at both ends; squeezed to ``widest`` where it is longer.
    """
    left, top, right, bottom = extent
    factor = high / (bottom - top)
    wide = min(widest, max(2, round((right - left) * factor)))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(ink[top:bottom, left:right], (wide, high), interpolation=method)
    canvas = np.zeros((height, wide + 2 * margin), np.uint8)
    start = (height - high) // 2
    canvas[start : start + high, margin : margin + wide] = scaled
    return canvas


def probabilities(model: Path, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Run a net on a prepared line (height x width, 255 ink): steps x symbols, 0 the CTC blank."""
    values = picture.astype(np.float32)[None, None] / 255.0
    seen = session(model).run(None, {"ink": values})[0][0]
    return np.ascontiguousarray(seen.T, np.float32)
