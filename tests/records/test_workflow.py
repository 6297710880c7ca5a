"""States move only along the table, by one function; a machine walks every table at random."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from records import workflow
from records.errors import Conflict

ROOT = Path(__file__).parents[2]
STATES = {machine.attribute for machine in workflow.MACHINES}


@dataclass
class Row:
    """Anything with a state under every name a machine may use."""

    id: str
    state: str = ""
    deposit_state: str = ""
    match_state: str = ""


class Walk(RuleBasedStateMachine):
    """Any sequence of moves, allowed or not, on one row of each machine."""

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.rows: dict[str, Row] = {}
        for machine in workflow.MACHINES:
            row = Row(machine.name)
            setattr(row, machine.attribute, data.draw(st.sampled_from(machine.start)))
            self.rows[machine.name] = row

    @rule(machine=st.sampled_from(workflow.MACHINES), data=st.data())
    def try_any_state(self, machine: workflow.Machine, data: st.DataObject) -> None:
        row = self.rows[machine.name]
        before = getattr(row, machine.attribute)
        to = data.draw(st.sampled_from([*sorted(machine.states), "no such state"]))
        if to in machine.moves[before]:
            workflow.move(row, machine, to)
            assert getattr(row, machine.attribute) == to
        else:
            with pytest.raises(Conflict) as refused:
                workflow.move(row, machine, to)
            assert refused.value.code == "transition_refused"
            assert getattr(row, machine.attribute) == before

    @invariant()
    def every_row_is_in_a_state_of_its_machine(self) -> None:
        for machine in workflow.MACHINES:
            row = getattr(self, "rows", {}).get(machine.name)
            assert row is None or getattr(row, machine.attribute) in machine.states


TestWalk = Walk.TestCase


@pytest.mark.parametrize("machine", workflow.MACHINES, ids=lambda machine: machine.name)
def test_every_state_is_reached_from_a_start_and_every_move_leads_to_a_known_state(
    machine: workflow.Machine,
) -> None:
    reached = set(machine.start)
    while True:
        more = {to for state in reached for to in machine.moves[state]} | reached
        if more == reached:
            break
        reached = more
    assert reached == machine.states
    assert all(to in machine.states for moves in machine.moves.values() for to in moves)


@given(st.sampled_from(workflow.MACHINES), st.text(max_size=20), st.text(max_size=20))
def test_states_nobody_knows_are_never_allowed(
    machine: workflow.Machine, current: str, to: str
) -> None:
    if current not in machine.states or to not in machine.states:
        assert not workflow.may(machine, current, to)


def test_no_code_sets_a_state_but_the_one_function() -> None:
    """A stage that sets a state by hand would go around the table."""
    found = []
    for package in ("intake", "ocr", "matching", "deposits", "returned_mail", "web"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                targets = node.targets if isinstance(node, ast.Assign) else []
                found += [
                    f"{path.relative_to(ROOT)}:{node.lineno}"
                    for target in targets
                    for each in ast.walk(target)
                    if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store)
                    and each.attr in STATES
                    and not (isinstance(each.value, ast.Name) and each.value.id == "self")
                ]  # fmt: skip
    assert found == []


def test_every_event_leads_to_stages_that_exist() -> None:
    from web.stages import ALL_STAGES  # noqa: PLC0415 - loads the image libraries

    named = {stage for following in workflow.STAGES_AFTER.values() for _, stage in following}
    assert named == {stage.name for stage in ALL_STAGES}
