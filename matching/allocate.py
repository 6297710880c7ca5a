"""Splitting one sum over statements and accounts: ranked proposals that always add up to it."""

from __future__ import annotations

from collections.abc import Sequence

from matching.types import AccountFacts, Clues, OpenStatement, Proposal, Share

MOST_ITEMS = 8
"""Above so many open items, sums that fit by chance are too common to be believed."""

_Item = tuple[AccountFacts, OpenStatement]


def propose(
    amount_cents: int, account: AccountFacts, family: Sequence[AccountFacts], clues: Clues
) -> tuple[Proposal, ...]:
    """The ways to split ``amount_cents`` once ``account`` is taken for right, best first.

    ``family`` are the other accounts of its household. Every proposal's shares add up to the
    amount; there is always at least one.
    """
    items: list[_Item] = [(account, s) for s in account.open_statements]
    named = [item for item in items if _is_named(item[1], clues)]
    found = [
        *_exact(amount_cents, named, "the named statement's balance", sure=True),
        *_exact(amount_cents, items, "a statement's balance", sure=len(named) == 0),
        *_sum_of(amount_cents, items, "all"),
        *_minimum(amount_cents, named or items),
        *_subset(amount_cents, account, items, family),
    ]
    found.append(_oldest_first(amount_cents, account, named, items))
    unapplied = Share("unapplied", amount_cents, account.number, reason="unapplied")
    found.append(
        Proposal("unapplied", (unapplied,), clear=False, detail="to the account, unapplied")
    )
    return _without_repeats(found)


def nowhere(amount_cents: int) -> Proposal:
    """The proposal when no account is known: the money is unidentified."""
    share = Share("unidentified", amount_cents, reason="no_account")
    return Proposal("unidentified", (share,), clear=False, detail="no account is known")


def subsets(amounts: Sequence[int], target: int, most: int = 2) -> list[tuple[int, ...]]:
    """Index tuples of at least two ``amounts`` (above zero, at most 24) that add up to ``target``.

    Stops after ``most``: one is an answer, two are a doubt. Short ones first.
    """
    if len(amounts) > 24:
        raise ValueError("too many amounts to try their sums")
    found: list[tuple[int, ...]] = []
    order = sorted(range(len(amounts)), key=lambda place: (-amounts[place], place))
    rest = [0] * (len(order) + 1)
    for place in range(len(order) - 1, -1, -1):
        rest[place] = rest[place + 1] + amounts[order[place]]

    def search(place: int, left: int, chosen: tuple[int, ...]) -> None:
        if len(found) >= most:
            return
        if left == 0:
            if len(chosen) > 1:
                found.append(tuple(sorted(chosen)))
            return
        if place == len(order) or left < 0 or left > rest[place]:
            return
        search(place + 1, left - amounts[order[place]], (*chosen, order[place]))
        search(place + 1, left, chosen)

    search(0, target, ())
    return sorted(found, key=lambda indices: (len(indices), indices))


def _is_named(statement: OpenStatement, clues: Clues) -> bool:
    return statement.number in clues.statement_numbers or statement.imb in clues.imbs


def _share(item: _Item, cents: int, reason: str) -> Share:
    account, statement = item
    return Share("account", cents, account.number, statement.number, reason)


def _exact(amount: int, items: Sequence[_Item], words: str, *, sure: bool) -> list[Proposal]:
    equal = [item for item in items if item[1].open_cents == amount]
    return [
        Proposal("statement", (_share(item, amount, "statement_balance"),),
                 clear=sure and place == 0, detail=f"equals {words}")
        for place, item in enumerate(equal)
    ]  # fmt: skip


def _sum_of(amount: int, items: Sequence[_Item], words: str) -> list[Proposal]:
    if len(items) < 2 or sum(item[1].open_cents for item in items) != amount:
        return []
    shares = tuple(_share(item, item[1].open_cents, "account_total") for item in items)
    return [Proposal("total", shares, clear=True, detail=f"equals {words} open statements")]


def _minimum(amount: int, items: Sequence[_Item]) -> list[Proposal]:
    due = [item for item in items if item[1].minimum_due_cents == amount
           and item[1].open_cents >= amount]  # fmt: skip
    return [
        Proposal("minimum", (_share(item, amount, "minimum_due"),), clear=len(due) == 1,
                 detail="equals the minimum due")
        for item in due
    ]  # fmt: skip


def _subset(
    amount: int, account: AccountFacts, items: Sequence[_Item], family: Sequence[AccountFacts]
) -> list[Proposal]:
    """Sums over the household's open statements that hold at least one of the account's own."""
    every: list[_Item] = [*items, *((f, s) for f in family for s in f.open_statements)]
    if not items or not 2 <= len(every) <= MOST_ITEMS:
        return []
    found = [
        chosen
        for chosen in subsets([item[1].open_cents for item in every], amount, most=8)
        if any(every[place][0] is account for place in chosen)
    ]
    return [
        Proposal(
            "sum",
            tuple(_share(every[p], every[p][1].open_cents, "sum_of_statements") for p in chosen),
            # A pick out of what a household owes fits a strange amount too easily: one overpayment
            # in two hundred equals such a sum by chance. All that is owed is another matter.
            clear=len(found) == 1 and len(chosen) == len(every),
            detail=f"equals the sum of {len(chosen)} open statements of the household",
        )
        for chosen in found[:3]
    ]


def _oldest_first(
    amount: int, account: AccountFacts, named: Sequence[_Item], items: Sequence[_Item]
) -> Proposal:
    """The named statement first, then the oldest; what is left over stays unapplied."""
    left, shares = amount, []
    for item in [*named, *(item for item in items if item not in named)]:
        part = min(left, item[1].open_cents)
        if part > 0:
            shares.append(_share(item, part, "named_first" if item in named else "oldest_first"))
            left -= part
    if left:
        shares.append(Share("unapplied", left, account.number, reason="overpayment"))
    partial = not left and len(shares) == 1 and (len(named) == 1 or len(items) == 1)
    kind = "partial" if partial else "oldest_first"
    words = "part of a statement's balance" if partial else "oldest statements first"
    return Proposal(kind, tuple(shares), clear=partial,
                    detail=words + (", the rest unapplied" if left else ""))  # fmt: skip


def _without_repeats(found: Sequence[Proposal]) -> tuple[Proposal, ...]:
    """The first of each split, clear ones before doubtful ones, else in the order given."""
    kept: list[Proposal] = []
    seen: set[tuple[tuple[str | None, str | None, int], ...]] = set()
    for proposal in found:
        key = tuple(
            sorted((s.account_number or "", s.statement_number or "", s.amount_cents)
                   for s in proposal.shares)
        )  # fmt: skip
        if key not in seen:
            seen.add(key)
            kept.append(proposal)
    return tuple(sorted(kept, key=lambda proposal: not proposal.clear))
