"""Connected marks of a mask, empty masks included: OpenCV reads past the end of those."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Components = tuple[int, NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]


def components(ink: NDArray[Any], connectivity: int = 8) -> Components:
    """As ``cv2.connectedComponentsWithStats``: count, labels, stats, centroids; 0 is paper."""
    if ink.size == 0:
        return 1, np.zeros(ink.shape, np.int32), np.zeros((1, 5), np.int32), np.zeros((1, 2))
    # The same marks in the same order as by OpenCV's own choice, in half the time on one thread.
    count, labels, stats, centroids = cv2.connectedComponentsWithStatsWithAlgorithm(
        ink, connectivity, cv2.CV_32S, cv2.CCL_GRANA
    )
    return (
        count, np.asarray(labels, np.int32), np.asarray(stats, np.int32),
        np.asarray(centroids, np.float64),
    )  # fmt: skip
