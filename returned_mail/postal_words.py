"""The words of Publication 28 as look-ups: suffixes, directions, units, highways, states."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

_FILE = Path(__file__).parent / "tables" / "publication28.toml"


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def _inverted(name: str) -> dict[str, str]:
    """Every form of a word, and the short form it is written as."""
    table: Mapping[str, str] = _tables()[name]
    found = {short: short for short in table}
    for short, forms in table.items():
        found |= dict.fromkeys(forms.split(), short)
    return found


SUFFIXES: Final = _inverted("suffixes")
DIRECTIONALS: Final = _inverted("directionals")
UNITS: Final = _inverted("units")
UNITS_ALONE: Final = _inverted("units_alone")
PUERTO_RICO: Final = _inverted("puerto_rico")
URBANIZATIONS: Final = _inverted("urbanizations")
SPELLED_IN_NAMES: Final[Mapping[str, str]] = _tables()["spelled_in_names"]
STATES: Final[Mapping[str, str]] = _tables()["states"]
"""Two letters, and the state's name in capitals."""
STATE_OF_NAME: Final = {name: short for short, name in STATES.items()}
HIGHWAYS: Final[tuple[tuple[tuple[str, ...], str], ...]] = tuple(
    sorted(
        (
            (tuple(form.split()), written)
            for written, forms in _tables()["highways"].items()
            for form in (written, *forms)
        ),
        key=lambda row: -len(row[0]),
    )
)
"""Words that begin a numbered highway, longest first, and how they are written."""
