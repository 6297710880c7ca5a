"""Returned mail on drawn envelopes: reason, statement and forwarding address, right or asked."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal

from bench.envelopes import peer
from bench.envelopes.facts import Design, Facts, facts
from bench.envelopes.make import draw
from bench.envelopes.world import World, received, world
from ocr.read import read_pages
from ocr.types import Reading
from records import clock
from returned_mail import jobs

COUNT = 400
PEER_EVERY = 4
Verdict = Literal["right", "wrong", "person"]
_ASKED = ("reason", "account", "statement", "forward")


@dataclass(slots=True)
class Judged:
    """One piece: its verdicts, the peer's, processor seconds, and what was said where not right."""

    index: int
    conditions: tuple[str, ...]
    verdicts: dict[str, Verdict]
    peer: dict[str, Verdict]
    seconds: float
    peer_seconds: float
    said: dict[str, Any] = field(default_factory=dict)


def measure(seed: int = 7, count: int | None = None, design: Design = "tune") -> dict[str, Any]:
    """Verdicts over so many envelopes, by condition, with the peer's of the same run."""
    with world(seed) as made:
        judged = [judge(made, seed, design, index) for index in range(count or COUNT)]
    return report(judged, seed, design)


def _asks_peer(index: int) -> bool:
    """Every fourth piece, one after another through the reasons."""
    return (index + index // 20) % PEER_EVERY == 0


def judge(made: World, seed: int, design: Design, index: int) -> Judged:
    """Draw, read and identify one piece, from its pixels to its open task."""
    piece = draw(facts(made.group, seed, design, index), seed)
    mailers = (made.group.mailer_id,)
    begun = time.process_time()
    reading = read_pages([piece.page], single_envelope=True, mailers=mailers)[0]
    output = _task(made, piece.facts.office.code, reading)
    seconds = time.process_time() - begun
    said = _said(reading, output)
    verdicts = _verdicts(piece.facts, said)
    begun, guesses = time.process_time(), {}
    if _asks_peer(index):
        guessed = peer.read(piece.page, made.group, piece.facts.office.code)
        guesses = _verdicts(piece.facts, guessed)
    peer_seconds = time.process_time() - begun
    kept = {"truth": piece.facts.truth(), "said": said} if _bad(verdicts) else {}
    return Judged(index, _conditions(piece.facts), verdicts, guesses, seconds, peer_seconds, kept)


def _task(made: World, office: str, reading: Reading) -> jobs.Output | None:
    """What the stage makes of the reading; None where it is no returned mail."""
    with made.database.write() as session, clock.frozen(_noon(made.group.as_of)):
        document = received(session, office, reading)
        if reading.kind not in {"returned_mail", "envelope"}:
            return None
        output = jobs.work(jobs.load(session, document.id))
        if output.why_ours == "":
            return None
        jobs.save(session, document.id, output)
        session.rollback()
        return output


def _noon(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC).replace(hour=17)


def _said(reading: Reading, output: jobs.Output | None) -> dict[str, Any]:
    said: dict[str, Any] = {"kind": reading.kind, "reason": None, "account": None,
                            "statement": None, "forward": None}  # fmt: skip
    if output is None:
        return said
    said["reason"] = output.reason if output.reason != "unknown" else None
    if output.chosen is not None:
        said["account"] = output.chosen.account_number
        said["statement"] = output.chosen.statement_number
    forward = output.evidence.get("forward_address")
    if forward:
        said["forward"] = "\n".join(str(forward).splitlines()[-2:])
        said["forward_all"] = forward
    return said


def _verdicts(piece: Facts, said: Mapping[str, Any]) -> dict[str, Verdict]:
    """Each question's verdict; silence where there is nothing to say is right."""
    truth = piece.truth()
    out: dict[str, Verdict] = {}
    for name in _ASKED:
        want, got = truth[name], said.get(name)
        if name == "reason" and want == "none":
            out[name] = "right" if got in {None, "none"} else "wrong"
        elif got is None:
            out[name] = "right" if want is None else "person"
        else:
            out[name] = "right" if _same(want, got) else "wrong"
    return out


def _same(want: object, got: object) -> bool:
    return " ".join(str(want).split()).upper() == " ".join(str(got).split()).upper()


def _bad(verdicts: Mapping[str, Verdict]) -> bool:
    return any(verdict != "right" for verdict in verdicts.values())


def _conditions(piece: Facts) -> tuple[str, ...]:
    return (
        f"reason {piece.reason}", f"mark {piece.mark}", f"trouble {piece.trouble}",
        f"light {piece.light}", "barcode" if piece.bars else "no barcode",
        *(("coupon",) if piece.coupon else ()),
        *(("another company's",) if piece.statement is None else ()),
    )  # fmt: skip


def report(judged: Sequence[Judged], seed: int, design: Design) -> dict[str, Any]:
    """The figures by question and condition."""
    conditions = sorted({name for each in judged for name in each.conditions})
    seconds = sorted(each.seconds for each in judged)
    both = [each for each in judged if each.peer]
    return {
        "bench": "returned", "seed": seed, "design": design, "pieces": len(judged),
        "all": _counts(judged),
        "by_condition": {
            name: _counts([each for each in judged if name in each.conditions])
            for name in conditions
        },
        "cpu_seconds": {
            "median": round(seconds[len(seconds) // 2], 3),
            "p95": round(seconds[int(len(seconds) * 0.95)], 3), "most": round(seconds[-1], 3),
        },
        "peer": {
            "what": "plain Tesseract of the whole page, rapidfuzz over its lines, name looked up",
            "pieces": len(both), "all": _tally(each.peer for each in both),
            "ours_on_the_same": _tally(each.verdicts for each in both),
            "cpu_seconds_mean": round(sum(e.peer_seconds for e in both) / len(both), 3),
        },
        "not_right": [asdict(each) for each in judged if each.said],
    }  # fmt: skip


def _counts(judged: Sequence[Judged]) -> dict[str, Any]:
    return {"pieces": len(judged), **_tally(each.verdicts for each in judged)}


def _tally(verdicts: Iterable[Mapping[str, Verdict]]) -> dict[str, dict[str, int]]:
    listed = list(verdicts)
    return {
        name: {
            verdict: sum(each[name] == verdict for each in listed)
            for verdict in ("right", "wrong", "person")
        }
        for name in _ASKED
    }


def lines(result: Mapping[str, Any]) -> Iterable[str]:
    """The report for a terminal."""
    yield f"{result['pieces']} envelopes, design {result['design']}, seed {result['seed']}"
    rows = {
        "all": result["all"],
        f"peer, on {result['peer']['pieces']}": result["peer"]["all"],
        "ours, on the same": result["peer"]["ours_on_the_same"],
        **result["by_condition"],
    }
    for name, counts in rows.items():
        cells = "  ".join(
            f"{asked} {counts[asked]['right']}/{counts[asked]['wrong']}/{counts[asked]['person']}"
            for asked in _ASKED
        )
        yield f"{name:<28} {cells}"
    yield f"processor seconds {result['cpu_seconds']}  (right/wrong/to a person)"
