"""Drawn envelopes from pixels to an open task: nothing wrong, and the drawing is as told."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from bench import returned
from bench.envelopes.facts import TEXTS, facts
from bench.envelopes.make import draw
from bench.envelopes.world import World, group_of, world

SEED = 7


@pytest.fixture(scope="module")
def made() -> Iterator[World]:
    with world(SEED) as opened:
        yield opened


@pytest.mark.parametrize("index", [8, 33])
def test_a_drawn_envelope_is_right_or_asked(made: World, index: int) -> None:
    judged = returned.judge(made, SEED, "tune", index)
    assert "wrong" not in judged.verdicts.values()
    assert judged.verdicts["reason"] == "right"


def test_two_labels_of_which_one_is_not_read_go_to_a_person(made: World) -> None:
    judged = returned.judge(made, SEED, "tune", 168)
    assert judged.verdicts["reason"] == "person"


def test_every_reason_of_the_taxonomy_is_drawn() -> None:
    group = group_of(SEED)
    drawn = {facts(group, SEED, "tune", index).reason for index in range(40)}
    assert drawn == {*TEXTS, "sender_handwritten", "none"}


def test_the_same_seed_draws_the_same_pixels() -> None:
    group = group_of(SEED)
    first, again = (draw(facts(group, SEED, "held_out", 5), SEED).page.pixels for _ in range(2))
    assert np.array_equal(first, again)
