"""What tells a process to stop may come at any moment, and more than once."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from web.stopping import Stop


@pytest.mark.timeout(90)
def test_signals_while_it_waits_or_is_set_leave_nobody_waiting_for_himself() -> None:
    heard = 0
    stop = Stop()

    def hear(*_: object) -> None:
        nonlocal heard
        heard += 1
        stop.set()

    before = signal.signal(signal.SIGUSR1, hear)
    storm = f"for i in {{1..20000}}; do kill -USR1 {os.getpid()}; done"
    try:
        with subprocess.Popen(["bash", "-c", storm]) as process:
            while process.poll() is None:
                stop.wait(0.1)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert heard
    assert stop.is_set()


def test_it_is_not_set_before_it_is_told_and_then_stays_set() -> None:
    stop = Stop()
    assert not stop.wait(0.01)
    assert not stop.is_set()
    stop.set()
    assert all(stop.wait(0) for _ in range(3))
    assert stop.is_set()
