"""A claim that a remittance names against claims that were sent: reasons, scores, and which it is.

Weights are natural logarithms of how much likelier a level is for the right claim than for
another of the chart, as in ``matching.compare``; ``bench.remittance_claims`` measures them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import OSA

from matching.claim_facts import RemittedClaim, SentClaim
from matching.claim_lines import align
from matching.compare import NAME_AGREES, PATIENT_WEIGHTS, name_level
from matching.names import Person, people, plain
from matching.types import Reason

NUMBER, ACCOUNT, MEMBER, NAME, LINES, CHARGE = (
    "claim_number", "account_number", "member_id", "patient_name", "lines", "charge",
)  # fmt: skip
PRIOR = "prior"
_NONE_SHARE = 0.03
_MISSING_SHARE = 0.1
"""Of an account's claims, so many are not in the chart: sent since, or settled and left out."""
_OF_ACCOUNT = frozenset({ACCOUNT, MEMBER, NAME})
# A digit misread hits a live number one time in four: a number on paper says much less.
_NUMBER_WEIGHTS = {"same": 9.0, "same_exact": 14.0, "near": 3.0, "different": -1.0}
_LINES_WEIGHTS = {"all": 9.0, "changed": 7.0, "some": 2.5, "none": -5.0}
_WORDS = {
    "all": "every line has the day, charge and procedure of one that was sent",
    "changed": "the lines are those sent, with codes changed, combined or parted by the payer",
    "some": "some of the lines were sent so",
    "none": "no line has the day and charge of one that was sent",
}
SURE = 0.98
"""A claim less likely than this is not taken for found."""
RIVAL = 0.02
"""A second claim at least so likely makes two candidates of them."""


@dataclass(frozen=True, slots=True)
class ClaimCandidate:
    """A claim that was sent, scored; ``reasons`` add up to ``score``."""

    claim: SentClaim
    score: float
    probability: float
    reasons: tuple[Reason, ...]

    def level(self, signal: str) -> str:
        """The level of a signal, ``absent`` where it said nothing."""
        return next((r.level for r in self.reasons if r.signal == signal), "absent")


@dataclass(frozen=True, slots=True)
class ClaimRanking:
    """The claims it may be, best first, and the probability that it is none of them."""

    candidates: tuple[ClaimCandidate, ...]
    nobody: float
    exact: bool = False

    @property
    def outcome(self) -> str:
        """``found``, ``two_candidates``, ``doubtful`` or ``not_found``."""
        if not self.candidates or self.candidates[0].probability < 0.2:
            return "not_found"
        if self.candidates[0].probability < SURE:
            rivals = self.candidates[1:2]
            return "two_candidates" if rivals and rivals[0].probability >= RIVAL else "doubtful"
        return "found" if is_enough(self.candidates[0], exact=self.exact) else "doubtful"

    @property
    def found(self) -> ClaimCandidate | None:
        """The claim, where it is surely this one."""
        return self.candidates[0] if self.outcome == "found" else None


def is_enough(best: ClaimCandidate, *, exact: bool) -> bool:
    """Whether kinds of evidence agree that may stand together: never a number alone on paper."""
    lines = best.level(LINES)
    agree = {
        "number": best.level(NUMBER) in {"same", "same_exact"},
        "person": best.level(NAME) in NAME_AGREES or best.level(MEMBER) == "same",
        "lines": lines in {"all", "changed"},
    }
    if exact and agree["number"]:
        return lines != "none" or agree["person"]
    return sum(agree.values()) >= 2


def rank(said: RemittedClaim, sent: Sequence[SentClaim], claim_count: int) -> ClaimRanking:
    """Every claim scored against being none of ``claim_count`` claims, best first.

    Numbers and names of the person speak as well for a claim of the account that the chart does
    not have: only its own number, lines and charge tell a claim from such a one.
    """
    odds = (1.0 - _NONE_SHARE) / _NONE_SHARE / max(claim_count, 1)
    prior = Reason(PRIOR, "any_claim", round(math.log(odds), 6),
                   f"one of {claim_count} claims, or one nobody sent")  # fmt: skip
    scored = []
    for each in sent:
        reasons = (prior, *compare(said, each))
        scored.append((round(math.fsum(r.weight for r in reasons), 6), each, reasons))
    scored.sort(key=lambda one: (-one[0], one[1].number))
    top = max([0.0, *(score for score, _, _ in scored)])
    unknown = [_of_unknown(reasons) for reasons in _likeliest(scored).values()]
    nobody = math.fsum([math.exp(-top), *(math.exp(score - top) for score in unknown)])
    whole = math.fsum([nobody, *(math.exp(score - top) for score, _, _ in scored)])
    found = tuple(
        ClaimCandidate(claim, score, math.exp(score - top) / whole, reasons)
        for score, claim, reasons in scored
    )
    return ClaimRanking(found, nobody / whole, said.exact)


_Scored = tuple[float, SentClaim, tuple[Reason, ...]]


def _likeliest(scored: Sequence[_Scored]) -> dict[str, tuple[Reason, ...]]:
    """By account, the reasons of its likeliest claim; ``scored`` stands best first."""
    found: dict[str, tuple[Reason, ...]] = {}
    for _, claim, reasons in scored:
        found.setdefault(claim.account_number, reasons)
    return found


def _of_unknown(reasons: Sequence[Reason]) -> float:
    """The score of a claim of the same account that the chart does not have."""
    person = math.fsum(r.weight for r in reasons if r.signal in _OF_ACCOUNT or r.signal == PRIOR)
    return person + math.log(_MISSING_SHARE)


def compare(said: RemittedClaim, sent: SentClaim) -> tuple[Reason, ...]:
    """Every signal that says something about this claim, without the prior."""
    signals = (_number(said, sent), _account(said, sent), _member(said, sent), _name(said, sent),
               _lines(said, sent), _charge(said, sent))  # fmt: skip
    return tuple(each for each in signals if each is not None)


def _number(said: RemittedClaim, sent: SentClaim) -> Reason | None:
    own = {_alnum(number) for number in (sent.number, sent.payer_number) if number}
    read = [_alnum(number) for number in (said.claim_number, said.patient_account) if number]
    if not own or not read:
        return None
    if own & set(read):
        level = "same_exact" if said.exact else "same"
        words = "the claim's number is this one's"
    elif not said.exact and any(
        len(a) > 4 and OSA.distance(a, b, score_cutoff=1) == 1 for a in read for b in own
    ):
        level, words = "near", "the claim's number but for one character"
    elif sent.payer_number and said.claim_number:
        level, words = "different", "the payer's claim number is another"
    else:
        return None  # the practice's number was not printed, or its account's was
    return Reason(NUMBER, level, _NUMBER_WEIGHTS[level], words)


def _account(said: RemittedClaim, sent: SentClaim) -> Reason | None:
    """An account has several claims, so it says less than the claim's own number."""
    if not said.patient_account or _alnum(said.patient_account) == _alnum(sent.number):
        return None
    if _alnum(said.patient_account) == _alnum(sent.account_number):
        return Reason(ACCOUNT, "same", 7.0, "the account number is this claim's")
    return Reason(ACCOUNT, "different", -1.5, "the number is not this claim's account")


def _member(said: RemittedClaim, sent: SentClaim) -> Reason | None:
    if not said.member_id or not sent.member_id:
        return None
    if _alnum(said.member_id) == _alnum(sent.member_id):
        return Reason(MEMBER, "same", 5.0, "the member id is the one it was sent under")
    return Reason(MEMBER, "different", -2.0, "the member id is another")


def _name(said: RemittedClaim, sent: SentClaim) -> Reason | None:
    persons = people(said.patient_name)
    if not persons:
        return None
    known = Person(plain(sent.patient_first), plain(sent.patient_last))
    both = [*persons, *(Person(p.last, p.first) for p in persons if p.first)]
    level = max((name_level(each, known) for each in both), key=PATIENT_WEIGHTS.__getitem__)
    words = "is the patient's" if level in NAME_AGREES else f"and the patient's: {level}"
    return Reason(NAME, level, PATIENT_WEIGHTS[level],
                  f"the name {words}".replace("_", " "))  # fmt: skip


def _lines(said: RemittedClaim, sent: SentClaim) -> Reason | None:
    if not said.lines:
        return None
    level = align(said.lines, sent.lines).level
    if level == "none" and not any(
        line.service_on and line.charged_cents is not None for line in said.lines
    ):
        return None
    return Reason(LINES, level, _LINES_WEIGHTS[level], _WORDS[level])


def _charge(said: RemittedClaim, sent: SentClaim) -> Reason | None:
    if said.charged_cents is None:
        return None
    if said.charged_cents == sent.charged_cents:
        return Reason(CHARGE, "same", 1.0, "the claim's charge is the one sent")
    return Reason(CHARGE, "different", -1.5, "the claim's charge is another")


def why_not(ranking: ClaimRanking) -> list[dict[str, Any]]:
    """Where the best claim and the second one differ: signal, both levels, by how much it leads.

    The leads add up to the difference of the two scores; empty where there is no second.
    """
    if len(ranking.candidates) < 2:
        return []
    best, second = ranking.candidates[:2]
    signals = dict.fromkeys(r.signal for r in (*best.reasons, *second.reasons))
    found = []
    for signal in signals:
        lead = _weight(best, signal) - _weight(second, signal)
        if lead:
            found.append({"signal": signal, "best": best.level(signal),
                          "second": second.level(signal), "lead": round(lead, 6)})  # fmt: skip
    return sorted(found, key=lambda each: -abs(each["lead"]))


def _weight(candidate: ClaimCandidate, signal: str) -> float:
    return math.fsum(r.weight for r in candidate.reasons if r.signal == signal)


def _alnum(text: str) -> str:
    return "".join(c for c in text.upper() if c.isalnum()).lstrip("0")
