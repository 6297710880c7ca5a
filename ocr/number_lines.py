"""One cell of a scanned page read by a small network of our own, or by the line recogniser."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from intake.types import Pixels
from ocr import engine
from ocr.cell_forms import Form
from ocr.cell_line import tidied
from ocr.engine import LineText, decoded
from ocr.printed_line import ALPHABET, read_printed_line

MODEL = Path(__file__).with_name("cells_net.onnx")
"""The network for cells of scanned tables (``bench/train/CELLS.md``)."""

_FLOOR = 1e-4  # of each symbol in each step, so that one that was left out is not impossible
# What the network takes a figure for when it may read any character.
_LIKE = {
    "0": "0OoQDCG{}", "1": "1lI|i!", "2": "2Zz", "3": "3", "4": "4A", "5": "5Ss", "6": "6Gb",
    "7": "7", "8": "8B", "9": "9gq", ",": ",", ".": ".", "-": "-", "/": "/", "$": "$",
    "(": "(", ")": ")",
}  # fmt: skip


def by_network(crop: Pixels, form: Form) -> str:
    """What the network for cells reads in a crop, figures alone where the form is of figures."""
    return read_by_network(crop, form).text


def read_by_network(crop: Pixels, form: Form) -> LineText:
    """The same with how sure it is of each character, and places in the crop."""
    read = read_printed_line(tidied(crop), MODEL)
    if form == "code" or not len(read.lattice):
        return read
    signs = ",.-$()" if form == "amount" else "/-."
    return decoded(_figures_only(read, signs), "0123456789" + signs)


def by_recogniser(crop: Pixels, form: Form) -> LineText:
    """What the line recogniser reads: ten times the time of the network, a tenth of its errors."""
    letters = {"amount": "0123456789.,-$()", "date": "0123456789/-.", "code": ""}[form]
    return engine.line_engine().read_line(crop, characters=letters)


def _figures_only(read: LineText, signs: str) -> NDArray[np.float32]:
    """The lattice with letters counted as the figures they look like."""
    lattice = read.lattice @ _folding(signs)
    lattice[:, 1:] += _FLOOR
    return np.asarray(lattice / lattice.sum(axis=1, keepdims=True), np.float32)


@cache
def _folding(signs: str) -> NDArray[np.float32]:
    wanted = "0123456789" + signs
    folding = np.zeros((len(ALPHABET) + 1, len(wanted) + 1), np.float32)
    folding[0, 0] = 1.0
    for column, symbol in enumerate(wanted, start=1):
        for twin in _LIKE[symbol]:
            folding[ALPHABET.index(twin) + 1, column] = 1.0
    return folding
