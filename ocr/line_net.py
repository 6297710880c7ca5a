"""Small trained nets that read one line: how ink is prepared, a net is run, its steps decoded."""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.types import Pixels
from ocr.engine import LineText

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

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def session(model: Path) -> Any:
    """The net's session, made once a process; its ``run`` keeps no state and is thread-safe."""
    with _lock:
        return _made(model)


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


def decoded(lattice: NDArray[np.float32], alphabet: str) -> LineText:
    """The likeliest symbol of each step, repeats joined and blanks dropped (CTC)."""
    best = lattice.argmax(axis=1)
    starts = np.flatnonzero(np.diff(best, prepend=-1))
    ends = np.append(starts[1:], len(best))
    runs = [(s, e, int(best[s])) for s, e in zip(starts, ends, strict=True) if best[s]]
    sure = tuple(float(lattice[s:e, symbol].max()) for s, e, symbol in runs)
    places = tuple(float((s + e) / 2 / len(best)) for s, e, _ in runs)
    text = "".join(alphabet[symbol - 1] for _, _, symbol in runs)
    return LineText(text, float(np.prod(sure)) if sure else 0.0, sure, places, lattice, alphabet)
