"""Text engines: printed words and lines are read, limits on characters hold, engines are reused."""

from __future__ import annotations

import itertools
import math

import cv2
import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr import engine
from ocr.network_cut import cut_to_columns, metadata


def printed(text: str, height: int = 60) -> np.ndarray:
    width = 24 * len(text) + 40
    page = np.full((height, width), 255, np.uint8)
    cv2.putText(page, text, (12, height - 20), cv2.FONT_HERSHEY_DUPLEX, 1.0, 0, 2)
    return page


def test_a_page_reader_gives_words_with_boxes_inside_the_picture() -> None:
    page = printed("Total paid 125.40")
    words = engine.engines().text.read_words(page, 200, psm=7)
    assert [word.text for word in words] == ["Total", "paid", "125.40"]
    for word in words:
        x, y, width, height = word.box
        assert x >= 0
        assert y >= 0
        assert x + width <= page.shape[1]
        assert y + height <= page.shape[0]
        assert 0.0 <= word.confidence <= 1.0


def test_a_line_reader_tells_each_character_and_its_place() -> None:
    line = engine.engines().line.read_line(printed("$1,234.56"))
    assert line.text == "$1,234.56"
    assert len(line.probabilities) == len(line.places) == len(line.text)
    assert list(line.places) == sorted(line.places)
    assert line.confidence == pytest.approx(float(np.prod(line.probabilities)), rel=1e-6)


def test_wide_gaps_are_cut_but_places_stay_those_of_the_crop() -> None:
    words = [printed("twenty"), printed("five")]
    gap = np.full((60, 700), 255, np.uint8)
    crop = np.hstack([words[0], gap, words[1]])
    line = engine.engines().line.read_line(crop)
    assert line.text.split() == ["twenty", "five"]
    assert line.places[0] < 0.1
    f_place = line.places[line.text.index("f")]
    assert abs(f_place * crop.shape[1] - (words[0].shape[1] + 700 + 22)) < 20


def test_the_cut_network_says_what_the_whole_one_says() -> None:
    path = engine.line_model()
    assert path is not None
    whole = path.read_bytes()
    listed = (metadata(whole, "character") or "").splitlines()
    digits = [listed.index(digit) + 1 for digit in "0123456789"]
    narrow = cut_to_columns(whole, [0, *digits], len(listed) + 2)
    assert narrow is not None
    assert len(narrow) < 0.7 * len(whole)
    picture = np.random.default_rng(5).uniform(-1, 1, (1, 3, 48, 160)).astype(np.float32)
    outputs = []
    for model in (whole, narrow):
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        outputs.append(session.run(None, {session.get_inputs()[0].name: picture})[0][0])
    full, cut = outputs[0][:, [0, *digits]], outputs[1]
    assert cut == pytest.approx(full / full.sum(axis=1, keepdims=True), abs=1e-4)


def test_a_model_built_otherwise_is_left_whole() -> None:
    assert cut_to_columns(b"", [0], 10) is None


def test_only_the_characters_asked_for_are_read() -> None:
    line = engine.engines().line.read_line(printed("AB 1234"), characters="0123456789")
    assert set(line.text) <= set("0123456789")
    words = engine.engines().text.read_words(printed("O 1234"), 200, psm=7, characters="0123456789")
    assert all(word.text.isdigit() for word in words)
    free = engine.engines().text.read_words(printed("Paid"), 200, psm=7)
    assert [word.text for word in free] == ["Paid"]


def test_engines_are_made_once() -> None:
    assert engine.engines().text is engine.engines().text
    assert engine.engines().line is engine.engines().line


@given(st.lists(st.integers(0, 3), max_size=12), st.integers(0, 10**6))
def test_of_each_run_of_one_symbol_its_surest_step_counts(best: list[int], seed: int) -> None:
    lattice = np.random.default_rng(seed).uniform(0.0, 0.5, (len(best), 4)).astype(np.float32)
    for step, symbol in enumerate(best):
        lattice[step, symbol] += 0.5
    read = engine.decoded(lattice, "abc")
    text, sure, places = "", [], []
    for symbol, run in itertools.groupby(range(len(best)), key=lambda step: best[step]):
        steps = list(run)
        if symbol:
            text += "abc"[symbol - 1]
            sure.append(max(float(lattice[step, symbol]) for step in steps))
            places.append((steps[0] + steps[-1] + 1) / 2 / len(best))
    assert read.text == text
    assert list(read.probabilities) == sure
    assert read.places == pytest.approx(places)
    assert read.confidence == (pytest.approx(math.prod(sure)) if sure else 0.0)


def test_an_empty_crop_reads_as_nothing() -> None:
    assert engine.engines().line.read_line(np.zeros((2, 2), np.uint8)).text == ""
    assert engine.engines().text.read_words(np.zeros((2, 2), np.uint8)) == ()


def test_tessdata_is_taken_from_the_environment_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("tessdata")
    (folder / "eng.traineddata").write_bytes(b"")
    monkeypatch.setenv("TESSDATA_PREFIX", str(folder))
    assert engine.tessdata_folder() == str(folder)
