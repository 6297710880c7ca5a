"""What others find over the same chart: RapidFuzz over all accounts, and trigrams in PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import text

from bench.match_chart import Chart
from bench.match_payments import Drawn
from records.db import Database

_KEPT = 200


def rapidfuzz(chart: Chart, todo: Sequence[Drawn]) -> list[dict[str, Any]]:
    """Name and address against those of every account, words sorted and words as sets."""
    texts, accounts = _texts(chart)
    rows = []
    for name, scorer in (
        ("rapidfuzz token_sort_ratio over all accounts", fuzz.token_sort_ratio),
        ("rapidfuzz token_set_ratio over all accounts", fuzz.token_set_ratio),
    ):

        def ask(query: str, scorer: Any = scorer) -> list[tuple[str, str]]:
            best = process.extract(query, texts, scorer=scorer, limit=_KEPT)
            return [accounts[place] for _, _, place in best]

        rows.append({"name": name, **_asked(todo, ask)})
    return rows


def pg_trgm(database: Database, chart: Chart, todo: Sequence[Drawn]) -> list[dict[str, Any]]:
    """Trigrams under a GIN index, at two thresholds; the nearest 200 of what it gives."""
    texts, accounts = _texts(chart)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        begun = time.perf_counter()
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
        connection.execute(text("CREATE TABLE bench_texts (place int, line text)"))
        cursor: Any = connection.connection.cursor()
        with cursor.copy("COPY bench_texts FROM STDIN") as copy:
            for place, line in enumerate(texts):
                copy.write_row((place, line))
        connection.execute(text("CREATE INDEX ON bench_texts USING gin (line gin_trgm_ops)"))
        connection.execute(text("VACUUM ANALYZE bench_texts"))
        built = round(time.perf_counter() - begun, 1)
        query = text(
            "SELECT place FROM bench_texts WHERE line % :asked "
            "ORDER BY similarity(line, :asked) DESC LIMIT 200"
        )
        rows = []
        for threshold in (0.3, 0.2):
            connection.execute(text(f"SET pg_trgm.similarity_threshold = {threshold}"))

            def ask(asked: str) -> list[tuple[str, str]]:
                return [accounts[row[0]] for row in connection.execute(query, {"asked": asked})]

            rows.append({"name": f"pg_trgm GIN, threshold {threshold}", "build_seconds": built,
                         **_asked(todo, ask)})  # fmt: skip
        connection.execute(text("DROP TABLE bench_texts"))
    return rows


def _texts(chart: Chart) -> tuple[list[str], list[tuple[str, str]]]:
    """A line for every account, and its number and household."""
    lines: list[str] = []
    accounts: list[tuple[str, str]] = []
    for family in chart.families():
        for p in family.patients:
            names = dict.fromkeys((f"{p.payer_first} {p.payer_last}", f"{p.first} {p.last}"))
            lines.append(f"{' '.join(names)} {family.line}".upper())
            accounts.append((p.number, family.code))
    return lines, accounts


def _asked(todo: Sequence[Drawn], ask: Callable[[str], list[tuple[str, str]]]) -> dict[str, Any]:
    household = account = count = 0
    times: list[float] = []
    for each in todo:
        if not each.accounts:
            continue
        count += 1
        words = (each.clues.payer_name, *each.clues.patient_names, each.clues.payer_address)
        begun = time.perf_counter()
        found = ask(" ".join(words).upper())
        times.append((time.perf_counter() - begun) * 1000)
        homes = list(dict.fromkeys(home for _, home in found))
        household += each.household in homes[:10]
        account += any(number in each.accounts for number, _ in found)
    return {
        "payments": count,
        "household_among_first_10": round(household / max(count, 1), 4),
        "account_among_first_200": round(account / max(count, 1), 4),
        "ms": {
            "mean": round(sum(times) / max(len(times), 1), 1),
            "p99": round(max(times, default=0.0), 1),
        },
    }
