"""Running the product as people do: its command, an installation of its own, real servers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def environment(folder: Path, **extra: str) -> dict[str, str]:
    """This machine's environment with an installation of its own."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("LOCKBOX_")}
    # No match is drawn for the sample that people look at: that is by chance, unlike all else.
    ours = {"LOCKBOX_DATA_DIR": str(folder), "LOCKBOX_MATCH_SAMPLE_SHARE": "0"}
    return {**kept, **ours, "OMP_THREAD_LIMIT": "1", **extra}


def run(
    folder: Path, *arguments: str, timeout: float = 600, **extra: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "web.cli", *arguments],
        capture_output=True,
        text=True,
        env=environment(folder, **extra),
        timeout=timeout,
        check=False,
    )


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    """The one JSON document a command printed; no traceback beside it."""
    assert "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stdout)


def without_refs(files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What became of files, without the references that each installation makes up anew."""
    kept = []
    for file in sorted(files, key=lambda each: str(each["name"])):
        items = [
            {key: value for key, value in item.items() if key not in {"document", "payment"}}
            for item in file["items"]
        ]
        kept.append({**{key: value for key, value in file.items() if key != "ref"}, "items": items})
    return kept
