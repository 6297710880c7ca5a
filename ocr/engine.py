"""Text engines: Tesseract in process for pages and lines, and a neural recogniser for one line.

Engines are made on first use and kept (``engines()``): loading costs 0.1 to 0.4 s, a line 7 to
30 ms. Tesseract's handle is not thread-safe, so each thread has its own; the recogniser is shared.
"""

from __future__ import annotations

import importlib.util
import os
import threading
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.pixels import gray as to_gray
from intake.types import Pixels, Word
from ocr.network_cut import cut_to_columns, metadata
from records.errors import UnavailableError

_TESSDATA_FOLDERS = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)
_LINE_HEIGHT = 48
_MAX_LINE_WIDTH = 2400
_DEFAULT_DPI = 200.0
_MARGIN = 12
_INK = 150
_WIDEST_GAP = 0.3  # of the line's height: as much blank as the recogniser needs to see a space
_LONG_LINE = 8.0  # heights: in shorter lines, numbers mostly, the gaps themselves tell something

# Engines run side by side in several workers; one thread each keeps two cores from thrashing.
os.environ.setdefault("OMP_THREAD_LIMIT", "1")


@dataclass(frozen=True, slots=True)
class LineText:
    """One line as the recogniser reads it.

    ``probabilities`` has one entry per character of ``text``; ``confidence`` is their product,
    the model's own idea that all of it is right (it cannot see characters it dropped).
    ``places`` are the characters' centres, 0 to 1 across the crop. ``lattice`` is time x
    ``len(alphabet) + 1`` probabilities, column 0 the CTC blank, column i+1 ``alphabet[i]``.
    """

    text: str
    confidence: float
    probabilities: tuple[float, ...]
    places: tuple[float, ...]
    lattice: NDArray[np.float32]
    alphabet: str


class TextEngine(Protocol):
    """Reads words with boxes from a page image or a crop of one."""

    name: str

    def read_words(
        self, pixels: Pixels, dpi: float | None = None, *, psm: int = 3, characters: str = ""
    ) -> tuple[Word, ...]:
        """Words in reading order, boxes in pixels of ``pixels``, confidence 0 to 1.

        ``psm`` is Tesseract's page segmentation mode (3 a page, 6 a block, 7 one line, 11
        sparse text); ``characters`` limits what may be read. Raises UnavailableError when the
        engine is not installed.
        """
        ...


class LineEngine(Protocol):
    """Reads a crop that holds one line of text."""

    name: str

    def read_line(self, crop: Pixels, *, characters: str = "") -> LineText:
        """Read one upright line; ``characters`` limits what may be read (empty: all ASCII)."""
        ...


@dataclass(frozen=True, slots=True)
class Engines:
    """The engines of this process (and thread)."""

    text: TextEngine
    line: LineEngine


def tessdata_folder() -> str | None:
    """The folder that holds ``eng.traineddata``: TESSDATA_PREFIX first, then known places."""
    named = os.environ.get("TESSDATA_PREFIX")
    places: tuple[str, ...] = (named, str(Path(named) / "tessdata")) if named else ()
    for folder in (*places, *_TESSDATA_FOLDERS):
        if (Path(folder) / "eng.traineddata").is_file():
            return folder
    return None


def line_model() -> Path | None:
    """The recogniser's ONNX file inside the rapidocr package, None when that is missing."""
    spec = importlib.util.find_spec("rapidocr")
    if spec is None or spec.origin is None:
        return None
    found = sorted((Path(spec.origin).parent / "models").glob("PP-OCRv*_rec_*.onnx"))
    return found[-1] if found else None


def _tsv_words(tsv: str) -> tuple[Word, ...]:
    """Words of Tesseract's TSV output: level 5 rows, confidence in per cent."""
    words = []
    for row in tsv.splitlines():
        cells = row.split("\t")
        if len(cells) != 12 or cells[0] != "5" or not cells[11].strip():
            continue
        left, top, width, height = (int(cell) for cell in cells[6:10])
        confidence = min(1.0, max(0.0, float(cells[10]) / 100.0))
        words.append(Word(cells[11].strip(), (left, top, width, height), confidence))
    return tuple(words)


def _without_margin(word: Word, shape: tuple[int, ...]) -> Word:
    """The word with its box in the picture before the white margin was put around it."""
    x, y, width, height = word.box
    left, top = max(0, x - _MARGIN), max(0, y - _MARGIN)
    right = min(shape[1], x - _MARGIN + width)
    bottom = min(shape[0], y - _MARGIN + height)
    box = (left, top, max(1, right - left), max(1, bottom - top))
    return Word(word.text, box, word.confidence)


class TesseractInProcess:
    """Tesseract through tesserocr: no process start, about 7 ms a line."""

    name = "tesseract"

    def __init__(self, folder: str) -> None:
        """Load English once; raise RuntimeError when Tesseract refuses the folder."""
        import tesserocr  # noqa: PLC0415 - optional: the pytesseract fallback works without it

        self._api: Any = tesserocr.PyTessBaseAPI(path=folder, lang="eng", psm=3)
        self._characters = ""

    def read_words(
        self, pixels: Pixels, dpi: float | None = None, *, psm: int = 3, characters: str = ""
    ) -> tuple[Word, ...]:
        """See TextEngine."""
        gray = to_gray(pixels)
        if min(gray.shape) < 3:
            return ()
        # Ink at the very edge makes the layout analysis complain on standard error.
        image = cv2.copyMakeBorder(
            gray, _MARGIN, _MARGIN, _MARGIN, _MARGIN, cv2.BORDER_CONSTANT, value=255.0
        )
        height, width = image.shape
        api = self._api
        if characters != self._characters:
            api.SetVariable("tessedit_char_whitelist", characters)
            self._characters = characters
        api.SetPageSegMode(psm)
        api.SetImageBytes(image.tobytes(), width, height, 1, width)
        api.SetSourceResolution(round(dpi or _DEFAULT_DPI))
        api.Recognize()
        words = _tsv_words(api.GetTSVText(0))
        api.Clear()
        return tuple(_without_margin(word, gray.shape) for word in words)


class TesseractByProcess:
    """Tesseract as a program, one process a call: the fallback, so ask for pages, not fields."""

    name = "tesseract"

    def read_words(
        self, pixels: Pixels, dpi: float | None = None, *, psm: int = 3, characters: str = ""
    ) -> tuple[Word, ...]:
        """See TextEngine."""
        try:
            import pytesseract  # noqa: PLC0415 - imported only where the binding is missing

            config = f"--psm {psm} --dpi {round(dpi or _DEFAULT_DPI)}"
            if characters:
                config += f" -c tessedit_char_whitelist={characters}"
            tsv = pytesseract.image_to_data(to_gray(pixels), lang="eng", config=config)
        except (ImportError, OSError) as error:
            raise _tesseract_missing() from error
        return _tsv_words(tsv)


class OnnxLineReader:
    """The PP-OCR recogniser on onnxruntime, one thread, limited to printable ASCII."""

    name = "recogniser"

    def __init__(self, model: Path) -> None:
        """Load the network and its own dictionary from the model's metadata."""
        import onnxruntime  # noqa: PLC0415 - 0.2 s of start-up that only readers of lines pay

        data = model.read_bytes()
        listed = (metadata(data, "character") or "").splitlines()
        # Column 0 is the blank, then the dictionary, then the space.
        columns = {char: number + 1 for number, char in reversed(list(enumerate(listed)))}
        columns[" "] = len(listed) + 1
        self._alphabet = "".join(chr(code) for code in range(32, 127) if chr(code) in columns)
        wanted = [0] + [columns[char] for char in self._alphabet]
        narrow = cut_to_columns(data, wanted, len(listed) + 2)
        self._columns = np.array(wanted) if narrow is None else np.arange(len(wanted))
        self._session: Any = onnxruntime.InferenceSession(
            narrow or data, one_thread(), providers=["CPUExecutionProvider"]
        )
        self._input: str = self._session.get_inputs()[0].name

    def read_line(self, crop: Pixels, *, characters: str = "") -> LineText:
        """See LineEngine. In long lines the gaps between words are cut short, for blank costs
        as much as ink; lines still wider than 50 times their height are squeezed.
        """
        alphabet = characters or self._alphabet
        if min(crop.shape[:2]) < 4:
            empty = np.zeros((0, len(alphabet) + 1), np.float32)
            return LineText("", 0.0, (), (), empty, alphabet)
        gray = to_gray(crop)
        kept = _columns_to_read(gray)
        image = _line_input(gray if len(kept) == gray.shape[1] else gray[:, kept])
        full = self._session.run(None, {self._input: image})[0][0]
        wanted = [0] + [self._alphabet.index(char) + 1 for char in alphabet]
        lattice = full[:, self._columns[wanted]].astype(np.float32)
        if characters:
            lattice = lattice / np.maximum(lattice.sum(axis=1, keepdims=True), 1e-9)
        read = decoded(lattice, alphabet)
        return replace(read, places=_places_in_crop(read.places, kept, gray.shape[1]))


def one_thread() -> Any:
    """Session options that keep to the caller's thread and write no warnings."""
    import onnxruntime  # noqa: PLC0415 - 0.2 s of start-up that only readers of lines pay

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return options


def _columns_to_read(gray: Pixels) -> NDArray[np.intp]:
    """The columns of a line; of a long one without the blank beyond ``_WIDEST_GAP`` in a gap."""
    if gray.shape[1] < _LONG_LINE * gray.shape[0]:
        return np.arange(gray.shape[1])
    blank = gray.min(axis=0) >= _INK
    number = np.arange(len(blank))
    last_ink = np.maximum.accumulate(np.where(blank, -1, number))
    kept = ~blank | (number - last_ink <= _WIDEST_GAP * gray.shape[0])
    return np.flatnonzero(kept)


def _places_in_crop(
    places: tuple[float, ...], kept: NDArray[np.intp], width: int
) -> tuple[float, ...]:
    """Places across the columns kept as places across the whole crop, both 0 to 1."""
    if len(kept) == width or not places:
        return places
    at = np.minimum((np.array(places) * len(kept)).astype(int), len(kept) - 1)
    return tuple(float(place) for place in (kept[at] + 0.5) / width)


def _line_input(gray: Pixels) -> NDArray[np.float32]:
    """The gray line as the network wants it: 1 x 3 x 48 x width, -1 (black) to 1."""
    height, width = gray.shape
    wide = min(_MAX_LINE_WIDTH, max(_LINE_HEIGHT, round(width * _LINE_HEIGHT / height)))
    method = cv2.INTER_AREA if height > _LINE_HEIGHT else cv2.INTER_LINEAR
    scaled = np.asarray(cv2.resize(gray, (wide, _LINE_HEIGHT), interpolation=method))
    plane = scaled.astype(np.float32) / 127.5 - 1.0
    return np.repeat(plane[None, None], 3, axis=1)


def decoded(lattice: NDArray[np.float32], alphabet: str) -> LineText:
    """The likeliest symbol of each step, repeats joined and blanks dropped (CTC)."""
    if not len(lattice):
        return LineText("", 0.0, (), (), lattice, alphabet)
    best = lattice.argmax(axis=1)
    starts = np.flatnonzero(np.diff(best, prepend=-1))
    middles = (starts + np.append(starts[1:], len(best))) / 2 / len(best)
    marks = best[starts] > 0
    sure = np.maximum.reduceat(lattice.max(axis=1), starts)[marks].astype(float)
    text = "".join(alphabet[symbol - 1] for symbol in best[starts[marks]].tolist())
    whole = float(sure.prod()) if len(sure) else 0.0
    return LineText(
        text, whole, tuple(sure.tolist()), tuple(middles[marks].tolist()), lattice, alphabet
    )


def _tesseract_missing() -> UnavailableError:
    return UnavailableError(
        "tesseract_missing",
        "Tesseract and its English data were not found.",
        "Install the package tesseract-ocr, or set TESSDATA_PREFIX to the folder of "
        "eng.traineddata.",
    )


_of_thread = threading.local()
_line_lock = threading.Lock()


def text_engine() -> TextEngine:
    """This thread's Tesseract: in process where tesserocr is there, else by process."""
    engine: TextEngine | None = getattr(_of_thread, "text", None)
    if engine is None:
        folder = tessdata_folder()
        if folder is not None and importlib.util.find_spec("tesserocr") is not None:
            engine = TesseractInProcess(folder)
        else:
            engine = TesseractByProcess()
        _of_thread.text = engine
    return engine


@cache
def _shared_line_engine() -> LineEngine:
    model = line_model()
    if model is None:
        raise UnavailableError(
            "recogniser_missing",
            "The line recogniser's model was not found.",
            "Install the package rapidocr.",
        )
    return OnnxLineReader(model)


def line_engine() -> LineEngine:
    """The process's line recogniser; raise UnavailableError when its model is missing."""
    with _line_lock:
        return _shared_line_engine()


def engines() -> Engines:
    """Both engines, made on first use and reused by this thread from then on."""
    return Engines(text_engine(), line_engine())
