"""Splink's score of the same records: its own comparisons, blocking and training, on DuckDB."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from records.errors import UnavailableError

_COMPARED_ON = (
    ("given", "surname"), ("surname", "postcode"), ("given", "postcode"), ("line",), ("suburb",),
    ("postcode",), ("surname",), ("given", "number"),
)  # fmt: skip
_TRAINED_ON = (("surname",), ("given",), ("postcode", "suburb"))
_SURE = (("given", "surname"), ("line", "number"))
_PAIRS_SAMPLED = 3e6
_Rows = Sequence[Mapping[str, str | None]]
_Names = Sequence[tuple[str, ...]]


def linked(known: _Rows, read: _Rows) -> list[tuple[float, str, str]]:
    """Every pair that its blocking rules bring together, with its match weight."""
    return _predicted(known, read, _COMPARED_ON, _TRAINED_ON, ("state",))


def scored(known: _Rows, read: _Rows) -> list[tuple[float, str, str]]:
    """The match weights of the pairs that have the same ``ask``; amounts are compared too."""
    return _predicted(known, read, [("ask",)], [("ask",)], ("amount",))


def _predicted(
    known: _Rows, read: _Rows, compared: _Names, trained: _Names, exact: Sequence[str]
) -> list[tuple[float, str, str]]:
    try:
        import pandas as pd  # noqa: PLC0415 - only where installed
        import splink.comparison_library as cl  # noqa: PLC0415
        from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: PLC0415
    except ImportError as error:
        raise UnavailableError(
            "no_bench_packages", "Splink is not installed.",
            "Run: .venv/bin/pip install -e '.[bench]'",
        ) from error  # fmt: skip
    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            cl.NameComparison("given").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("number", [1]),
            cl.JaroWinklerAtThresholds("line", [0.9, 0.8]),
            cl.JaroWinklerAtThresholds("suburb", [0.9, 0.8]),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
            *(cl.ExactMatch(name) for name in exact),
        ],
        blocking_rules_to_generate_predictions=[block_on(*names) for names in compared],
    )
    engine = DuckDBAPI()
    frames = [
        engine.register(pd.DataFrame([*rows]), table_name=name)
        for name, rows in (("known", known), ("read", read))
    ]
    linker = Linker(frames, settings, log_level=None)
    training = linker.training
    sure = [block_on(*names) for names in _SURE]
    training.estimate_probability_two_random_records_match(sure, recall=0.6)
    training.estimate_u_using_random_sampling(max_pairs=_PAIRS_SAMPLED, seed=7)
    for names in trained:
        training.estimate_parameters_using_expectation_maximisation(block_on(*names))
    found: Any = linker.inference.predict().as_pandas_dataframe()
    return [_pair(row) for row in found.to_dict("records")]


def _pair(row: Mapping[str, Any]) -> tuple[float, str, str]:
    """The read record before the known one, whichever Splink has on the left."""
    left, right = str(row["unique_id_l"]), str(row["unique_id_r"])
    known_left = row["source_dataset_l"] == "known"
    one, other = (right, left) if known_left else (left, right)
    return (float(row["match_weight"]), one, other)
