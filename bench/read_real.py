"""The real pictures beside the drawn ones: check fronts with truth, and lines of E-13B."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import micr
from bench.read_rows import Row, judged_rows
from bench.read_tables import SURE, counts
from intake.decode import decode
from intake.pixels import open_page
from intake.types import Page
from ocr.read import read_pages

SAMPLES = Path(__file__).parents[1] / ".." / "shared" / "samples"


def figures(folder: Path = SAMPLES) -> dict[str, Any]:
    """Counts over the pictures and the lines in ``folder``, or why there are none."""
    if not folder.is_dir():
        return {"left_out": f"the folder of real pictures is not here ({folder.name})"}
    return {"pictures": pictures(folder), "micr_lines": lines(folder / "micr_lines")}


def pictures(folder: Path) -> dict[str, Any]:
    """Every check front that has a truth, from its pixels alone: no bank's record beside it."""
    listed = folder / "truth.json"
    if not listed.is_file():
        return {"left_out": "truth.json is not here"}
    rows: list[Row] = []
    wrong: list[dict[str, Any]] = []
    found = 0
    entries = {name: truth for name, truth in json.loads(listed.read_text()).items()
               if truth.get("kind") == "check"}  # fmt: skip
    for name, truth in entries.items():
        page = _page(folder, name)
        readings = read_pages((page,), single_envelope=True)
        reading = next((one for one in readings if one.kind == "check"), None)
        found += reading is not None
        fields = {} if reading is None else dict(reading.fields)
        for row in judged_rows(truth, fields):
            rows.append(row)
            read = fields.get(row.field)
            if row.verdict == "wrong" and read is not None:
                wrong.append({"picture": name, "field": row.field, "truth": truth[row.field],
                              "read": read.value, "confidence": row.confidence})  # fmt: skip
    fields_seen = Counter(row.field for row in rows)
    return {
        "pictures": len(entries),
        "found": found,
        "fields": {name: counts([r for r in rows if r.field == name]) for name in fields_seen},
        "wrong_and_sure": sum(row.verdict == "wrong" and row.confidence >= SURE for row in rows),
        "wrong": sorted(wrong, key=lambda one: -one["confidence"]),
    }


def _page(folder: Path, name: str) -> Page:
    """The picture of ``file`` or ``file#view``, stripped of what the file says about it."""
    file, _, view = name.partition("#")
    pages = decode((folder / file).read_bytes(), Path(file).name).pages
    wanted = int(view or 0)
    page = open_page(next(one for one in pages if one.index == wanted))
    return replace(page, facts={}, side=None, item=None)


def lines(folder: Path) -> dict[str, Any]:
    """The lines of E-13B cut from real checks; about one truth in twenty is itself wrong."""
    if not (folder / "truth.tsv").is_file():
        return {"left_out": "the folder micr_lines is not here"}
    score = micr.measure(folder)
    return {
        "lines": score.lines,
        "read_whole": score.read,
        "unlike_the_truth": score.wrong,
        "sure": score.sure,
        "sure_and_unlike_the_truth": score.sure_wrong,
        "milliseconds": round(1000 * score.seconds / max(1, score.lines), 1),
        "sure_and_unlike": [
            {"picture": name, "truth": truth, "read": read, "confidence": confidence}
            for name, truth, read, confidence in score.disagreements if confidence >= SURE
        ],
    }  # fmt: skip
