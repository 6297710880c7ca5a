"""What a design drawn at random is made of: words, order of columns, places and styles, by seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from bench.remittances.catalogue import REASONS
from bench.remittances.layouts import random_words as words
from bench.remittances.traits import Reasons, Traits

AMOUNTS = ("charged", "allowed", "discount", "deductible", "coinsurance", "copay", "not_covered",
           "share", "paid")  # fmt: skip
_SHARES = {"deductible": "PR-1", "coinsurance": "PR-2", "copay": "PR-3"}
_DENIED = ("CO-97", "CO-29", "CO-18", "PR-96", "PR-204")
_MARKS = ("A", "B", "C", "D", "E", "F", "G", "H")


@dataclass(frozen=True, slots=True)
class Choices:
    """A design: ``order`` lists its columns, ``names`` the words of each column and label.

    ``reasons`` is where reasons stand: ``cause`` in a column with their amounts, ``beside`` as a
    code in a column of its own beside what is not covered, ``marked`` right behind that amount,
    ``below`` in rows under the service, ``none`` nowhere.
    """

    traits: Traits
    order: tuple[str, ...]
    names: dict[str, str]
    reasons: str
    own: dict[str, str]  # the payer's code by reason
    style: dict[str, Any]


def choices(number: int) -> Choices:
    """The choices of the design of this number, always the same."""
    rng = random.Random(f"design {number}")
    dental = rng.random() < 0.4
    reasons = rng.choice(("cause", "cause", "beside", "beside", "marked", "below", "none"))
    forms: tuple[Reasons, ...] = ("grouped", "grouped", "carc", "own")
    coded = rng.choice(forms)
    if reasons in {"cause", "below"} and coded == "own":
        coded = "grouped"
    if reasons == "marked":
        coded = "own"
    if reasons == "none":
        coded = "none"
    shares = [name for name in _SHARES if rng.random() < 0.6] or ["deductible"]
    allowed = rng.random() < 0.85
    has_share = reasons == "none" or rng.random() < 0.8
    discount = reasons in {"beside", "marked", "none"} and (not allowed or rng.random() < 0.75)
    amounts = ["charged", "paid"]
    if allowed:
        amounts.append("allowed")
    if has_share:
        amounts.append("share")
    traits, own = _traits(
        rng, reasons, coded, shares, dental=dental, allowed=allowed, share=has_share,
        discount=discount,
    )  # fmt: skip
    if reasons in {"beside", "marked", "none"}:
        amounts += shares + (["discount"] if discount else [])
    if reasons in {"beside", "marked"}:
        amounts.append("not_covered")
    order = _order(rng, traits, amounts, reasons)
    names = {name: rng.choice(words.COLUMNS[name]) for name in words.COLUMNS}
    if dental:
        names["procedure"] = names["procedure_dental"]
    if reasons == "cause":
        names["reasons"] = names["cause"]
    names |= {f"{name}:": rng.choice(words.LABELS[name]) for name in words.LABELS}
    if names["share"].startswith("Insured") and "Insured" in names["patient:"]:
        names["share"] = "Patient Owes"
    return Choices(traits, order, names, reasons, own, _style(rng))


def _traits(
    rng: random.Random, reasons: str, coded: Reasons, shares: list[str], *,
    dental: bool, allowed: bool, share: bool, discount: bool,
) -> tuple[Traits, dict[str, str]]:  # fmt: skip
    """What the facts may hold so that the columns and reasons chosen can tell them."""
    listed = reasons in {"cause", "below"}
    keys = [_SHARES[name] for name in shares]
    if listed:
        held = {"CO-45", "PR-1", "PR-2", "PR-3", *rng.sample(_DENIED, 3)}
        columns, hidden = frozenset[str](), frozenset[str]()
    else:
        held = set(rng.sample(_DENIED, 4)) if reasons != "none" else set()
        columns = frozenset([*keys, *(["CO-45"] if discount else [])])
        hidden = frozenset({"PR-1", "PR-2", "PR-3"} - set(keys)) if share else frozenset()
        if allowed and not discount:
            hidden |= {"CO-45"}
    marks = _MARKS if rng.random() < 0.5 else tuple(str(n) for n in range(1, 9))
    if rng.random() < 0.5:
        marks = tuple(f"{rng.choice('ABEKRXZ')}{rng.randint(10, 99)}" for _ in range(8))
    codes = dict(zip(sorted(held), dict.fromkeys(marks), strict=False)) if coded == "own" else {}
    held = {key for key in held if coded != "own" or key in codes}
    made = Traits(
        "dental" if dental else "medical", coded, columns, frozenset(held),
        3 if listed else 1, hidden, allowed, share,
        who=frozenset({"patient_name", "claim_number", "patient_account"}
                      | {name for name in ("member_id", "provider_name") if rng.random() < 0.75}),
        modifiers=not dental, tooth=dental and rng.random() < 0.6, units=rng.random() < 0.3,
        ranges=rng.random() < 0.15, plb_code=False,
        own={key: (code, REASONS[key]) for key, code in codes.items()},
    )  # fmt: skip
    return made, codes


def _order(rng: random.Random, traits: Traits, amounts: list[str], reasons: str) -> tuple[str, ...]:
    """The columns left to right: usual, or shuffled as few payers do."""
    usual = [name for name in AMOUNTS if name in amounts]
    if rng.random() < 0.4:
        rng.shuffle(usual)
    elif rng.random() < 0.2:
        usual.reverse()
    first = ["day", "procedure"] if rng.random() < 0.75 else ["procedure", "day"]
    if rng.random() < 0.35:
        first.insert(rng.choice((1, 2)), "description")
    if traits.tooth:
        first.insert(rng.randint(1, len(first)), "tooth")
    if traits.units:
        first.append("units")
    if reasons == "cause":
        usual.insert(rng.choice((1, len(usual), len(usual) - 1, len(usual) // 2)), "reasons")
    if reasons == "beside":
        beside = usual.index("not_covered") + 1
        usual.insert(rng.choice((beside, beside, len(usual))), "reasons")
    return (*first, *usual)


def _style(rng: random.Random) -> dict[str, Any]:
    typed = rng.random() < 0.25
    serif = rng.random() < 0.2
    return {
        "face": "Courier" if typed else "Times-Roman" if serif else "Helvetica",
        "bold": "Courier-Bold" if typed else "Times-Bold" if serif else "Helvetica-Bold",
        "size": rng.choice((6.8, 7.2, 7.6)),
        "capitals": typed or rng.random() < 0.2,
        "day": rng.choices(("row", "heading", "claim"), weights=(8, 2, 1))[0],
        "days": rng.choice(words.DAYS[:6]) if rng.random() < 0.6 else rng.choice(words.DAYS),
        "zero": rng.choice(("0.00", "0.00", "0.00", ".00", "", "-", "\N{EN DASH}",
                            "\N{EM DASH}")),
        "negative": rng.choice(("minus", "minus", "paren", "trailing", "cr", "apart", "dash")),
        "dollar": rng.choice(("", "", "", "glued", "apart")),
        "comma": rng.random() < 0.85,
        "who": rng.choice(("pairs", "pairs", "stacked", "band", "rows", "named")),
        "colon": rng.choice((":", ":", ":", "")),
        "last_first": rng.random() < 0.3,
        "total": rng.choice(("row", "row", "labels", "words", "leaders", "none")),
        "total_word": rng.choice(words.CLAIM_TOTAL), "all_word": rng.choice(words.ALL_TOTAL),
        "whole": rng.random() < 0.6,
        "payment": rng.choice(("top", "top", "right", "band", "end", "stub", "sentence")),
        "title": rng.choice(words.TITLES), "reversed": rng.choice(words.REVERSED),
        "taken": {code: rng.choice(said) for code, said in words.TAKEN.items()},
        "taken_title": rng.choice(words.ADJUSTED_TITLE), "legend": rng.choice(words.LEGEND),
        "below": rng.choice(words.BELOW), "bracket": rng.choice(("({})", "{}", "*{}")),
        "joined": rng.choice(("-", "-", "", " ")), "split": rng.random() < 0.25,
        "rules": rng.choice(("none", "heads", "grid")), "align": rng.choice(("r", "r", "r", "l")),
        "page": rng.choice(("Page {}", "Page: {}", "Page {} ", "{}")),
        "neutral": rng.random() < 0.3, "modifier": rng.choice(("-", " ", "/")),
        "payer_top": rng.random() < 0.9, "repeat": rng.random() < 0.5,
        "plb_sign": rng.choice((-1, -1, 1)),
    }  # fmt: skip
