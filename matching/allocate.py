"""Splitting one sum over statements and accounts: ranked proposals that always add up to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matching import compare
from matching.sums import MOST_TRIED, subsets
from matching.types import AccountFacts, Clues, OpenStatement, Proposal, Share

_MOST_SUMS = 8
_SHOWN_SUMS = 3
_Item = tuple[AccountFacts, OpenStatement]
_Items = tuple[_Item, ...]


@dataclass(frozen=True, slots=True)
class _Home:
    """What is open around an account that is taken for right, oldest first.

    ``own`` is the account's, ``others`` the rest of its household's, ``named`` those of both that
    a number on the stub names. ``meant``: something besides the amount says this account and no
    other of the household.
    """

    account: AccountFacts
    own: _Items
    others: _Items
    named: _Items
    meant: bool

    @property
    def every(self) -> _Items:
        """All of the household's, the account's own first."""
        return (*self.own, *self.others)


def propose(
    amount_cents: int, account: AccountFacts, family: Sequence[AccountFacts], clues: Clues
) -> tuple[Proposal, ...]:
    """The ways to split ``amount_cents`` once ``account`` is taken for right, best first.

    ``family`` are the other accounts of its household. What the amount equals comes first, then
    the named statements, the account's and its household's by age. Every proposal's shares add up
    to the amount; there is always at least one.
    """
    home = _home(account, family, clues)
    sums = _sums_to(amount_cents, home)
    # What is paid each month is paid so this month, unless a stub names a newer statement.
    planned = _instalment(amount_cents, home)
    first = bool(home.own) and all(item is home.own[0] for item in home.named)
    found = [
        *_named(amount_cents, home),
        *(planned if first else ()),
        *_exact(amount_cents, home),
        *_total(amount_cents, home, sums),
        *(() if first else planned),
        *_minimum(amount_cents, home),
        *_picked(home, sums),
        *_by_age(amount_cents, home),
    ]
    unapplied = Share("unapplied", amount_cents, account.number, reason="unapplied")
    found.append(
        Proposal("unapplied", (unapplied,), clear=False, detail="to the account, unapplied")
    )
    return _without_repeats(found)


def nowhere(amount_cents: int) -> Proposal:
    """The proposal when no account is known: the money is unidentified."""
    share = Share("unidentified", amount_cents, reason="no_account")
    return Proposal("unidentified", (share,), clear=False, detail="no account is known")


def _home(account: AccountFacts, family: Sequence[AccountFacts], clues: Clues) -> _Home:
    own = tuple((account, s) for s in account.open_statements)
    others = sorted(
        ((each, s) for each in family for s in each.open_statements),
        key=lambda item: (item[1].statement_on, item[1].number),
    )
    named = tuple(item for item in (*own, *others) if _is_named(item[1], clues))
    return _Home(account, own, tuple(others), named, _is_meant(account, family, clues))


def _is_named(statement: OpenStatement, clues: Clues) -> bool:
    return statement.number in clues.statement_numbers or statement.imb in clues.imbs


def _is_meant(account: AccountFacts, family: Sequence[AccountFacts], clues: Clues) -> bool:
    """Whether a number, or the patient's name, says this account and none of the family's."""
    saying = {each.number for each in (account, *family) if _is_said(each, clues)}
    return saying == {account.number}


def _is_said(account: AccountFacts, clues: Clues) -> bool:
    if compare.named_by_number(clues, (account,)):
        return True
    memo, name = compare.memo(clues, account), compare.patient_name(clues, account)
    by_memo = memo is not None and memo.level == "number"
    return by_memo or (name is not None and name.level in compare.NAME_AGREES)


def _share(item: _Item, cents: int, reason: str) -> Share:
    account, statement = item
    return Share("account", cents, account.number, statement.number, reason)


def _in_full(items: Sequence[_Item], reason: str) -> tuple[Share, ...]:
    return tuple(_share(item, item[1].open_cents, reason) for item in items)


def _owed(items: Sequence[_Item]) -> int:
    return sum(item[1].open_cents for item in items)


def _named(amount: int, home: _Home) -> list[Proposal]:
    """The named statements in full, or one of them; clear only if the account's own is named."""
    own = any(item[0] is home.account for item in home.named)
    if home.named and _owed(home.named) == amount:
        words = "the named statement's balance" if len(home.named) == 1 else (
            f"the sum of the {len(home.named)} named statements")  # fmt: skip
        kind = "statement" if len(home.named) == 1 else "sum"
        shares = _in_full(home.named, "statement_balance")
        return [Proposal(kind, shares, clear=own, detail=f"equals {words}")]
    equal = [item for item in home.named if item[1].open_cents == amount]
    return [
        Proposal("statement", _in_full([item], "statement_balance"), clear=own and place == 0,
                 detail="equals the named statement's balance")
        for place, item in enumerate(equal)
    ]  # fmt: skip


def _exact(amount: int, home: _Home) -> list[Proposal]:
    equal = [item for item in home.own if item[1].open_cents == amount]
    sure = bool(equal) and not home.named and not _is_theirs(amount, home)
    sure = sure and not _is_asked_before(amount, home, equal[0])
    return [
        Proposal("statement", _in_full([item], "statement_balance"), clear=sure and place == 0,
                 detail="equals a statement's balance")
        for place, item in enumerate(equal)
    ]  # fmt: skip


def _is_theirs(amount: int, home: _Home) -> bool:
    """Whether what others of the household owe, alone or together, makes this amount as well.

    Where something says this account and not theirs, that is no doubt.
    """
    if home.meant or not home.others:
        return False
    if len(home.others) > MOST_TRIED:
        return True
    due = {item[1].minimum_due_cents for item in home.others}
    planned = any(_is_asked(amount, item[0]) for item in home.others)
    owed = [item[1].open_cents for item in home.others]
    return planned or amount in due or bool(subsets(owed, amount, most=1, least=1))


def _sums_to(amount: int, home: _Home) -> list[_Items]:
    """What of the household's open statements makes the amount, one alone or several.

    With a named statement only what holds it, and with an account that is meant only what holds
    something of it, as long as there is such a sum. Nothing where there are too many to try.
    """
    every = home.every
    if not 2 <= len(every) <= MOST_TRIED:
        return []
    held = set(map(id, home.named))
    if held and _owed(home.named) < amount:
        others = [item for item in every if id(item) not in held]
        owed, left = [item[1].open_cents for item in others], amount - _owed(home.named)
        found = [
            (*home.named, *(others[place] for place in chosen))
            for chosen in subsets(owed, left, _MOST_SUMS, least=1)
        ]
        if found:
            return found
    owed = [item[1].open_cents for item in every]
    found = [
        tuple(every[place] for place in chosen)
        for chosen in subsets(owed, amount, _MOST_SUMS, least=1)
    ]
    own = [chosen for chosen in found if any(item[0] is home.account for item in chosen)]
    return own if own and home.meant else found


def _total(amount: int, home: _Home, sums: Sequence[_Items]) -> list[Proposal]:
    if len(home.own) < 2 or _owed(home.own) != amount:
        return []
    shares = _in_full(home.own, "account_total")
    others = any(item[0] is not home.account for item in home.named)
    return [Proposal("total", shares, clear=len(sums) == 1 and not others,
                     detail="equals all open statements")]  # fmt: skip


def _instalment(amount: int, home: _Home) -> list[Proposal]:
    """What the account's plan asks each time: to its oldest statements, whatever else is open."""
    if home.account.instalment_cents != amount or _owed(home.own) < amount:
        return []
    poured = _poured(amount, replace(home, named=()), home.own)
    younger = [s for _, s in home.own[1:] if amount in {s.open_cents, s.minimum_due_cents}]
    sure = not home.named and not younger and not _is_theirs(amount, home)
    shares = tuple(replace(share, reason="instalment") for share in poured.shares)
    return [Proposal("instalment", shares, clear=sure, detail="equals the plan's instalment")]


def _is_asked_before(amount: int, home: _Home, item: _Item) -> bool:
    """Whether the plan, or an older statement's minimum due, asks this amount before ``item``."""
    older = home.own[: home.own.index(item)]
    planned = bool(older) and _is_asked(amount, home.account)
    return planned or any(statement.minimum_due_cents == amount for _, statement in older)


def _is_asked(amount: int, account: AccountFacts) -> bool:
    """Whether it is what the account's plan asks, once or for several months together."""
    asked = account.instalment_cents
    return bool(asked) and amount % (asked or 1) == 0


def _minimum(amount: int, home: _Home) -> list[Proposal]:
    """The minimum due of a statement, named or the oldest of all that is open.

    It is often a round sum, so that it may as well be a part of an older or a sibling's one.
    """
    due = [item for item in home.named or home.own if item[1].minimum_due_cents == amount
           and item[1].open_cents >= amount]  # fmt: skip
    equal = any(item[1].open_cents == amount and item not in due for item in home.own)
    sure = len(due) == 1 and (
        bool(home.named)
        or (due[0] is home.own[0] and not equal and (home.meant or not home.others))
    )
    return [
        Proposal("minimum", (_share(item, amount, "minimum_due"),), clear=sure,
                 detail="equals the minimum due")
        for item in due
    ]  # fmt: skip


def _picked(home: _Home, sums: Sequence[_Items]) -> list[Proposal]:
    """Sums of several of the household's open statements, at least one the account's own."""
    several = [chosen for chosen in sums if len(chosen) > 1
               and any(item[0] is home.account for item in chosen)]  # fmt: skip
    return [
        Proposal(
            "sum",
            _in_full(chosen, "sum_of_statements"),
            # A pick out of what a household owes fits a strange amount too easily: one overpayment
            # in two hundred equals such a sum by chance. All that is owed is another matter.
            clear=len(sums) == 1 and len(chosen) == len(home.every),
            detail=f"equals the sum of {len(chosen)} open statements of the household",
        )
        for chosen in several[:_SHOWN_SUMS]
    ]


def _by_age(amount: int, home: _Home) -> list[Proposal]:
    """Named statements first, then the oldest: of the household, of the account, of no other."""
    found = [_poured(amount, home, (*home.own, *home.others))]
    if home.others:
        found.append(_poured(amount, home, home.own))
    if home.named:
        found.append(_poured(amount, home, ()))
    return found


def _poured(amount: int, home: _Home, then: Sequence[_Item]) -> Proposal:
    """The named statements, ``then`` the others in this order; what is left over is unapplied."""
    left, shares = amount, []
    held = set(map(id, home.named))
    for item in (*home.named, *(item for item in then if id(item) not in held)):
        part = min(left, item[1].open_cents)
        if part > 0:
            shares.append(_share(item, part, _why(item, home)))
            left -= part
    if left:
        shares.append(Share("unapplied", left, home.account.number, reason="overpayment"))
    partial = not left and len(shares) == 1 and _is_single(home)
    words = ["part of a statement's balance" if partial else "oldest statements first"]
    if any(share.reason == "household_oldest" for share in shares):
        words.append("then the household's other accounts")
    if left:
        words.append("the rest unapplied")
    return Proposal("partial" if partial else "oldest_first", tuple(shares), clear=partial,
                    detail=", ".join(words))  # fmt: skip


def _is_single(home: _Home) -> bool:
    """Whether only one statement can be meant: the named one, or all that is open."""
    if home.named:
        return len(home.named) == 1 and home.named[0][0] is home.account
    return len(home.own) == 1 and (home.meant or not home.others)


def _why(item: _Item, home: _Home) -> str:
    if item in home.named:
        return "named_first"
    return "oldest_first" if item[0] is home.account else "household_oldest"


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
