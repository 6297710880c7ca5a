"""The decoding child cannot reach files, programs or the network, and dies with its parent."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from intake import starter, wire
from intake.child import ChildFailed, _checked
from intake.decode import decode_pages
from intake.limits import Limits
from records.errors import UnavailableError, UnreadableError
from tests.corpus import good

ROOT = Path(__file__).parents[2]

PROBE = """
import json, os, socket, sys
from intake import sandbox
held = sandbox.lock_in(os.getppid(), 1 << 30, 60) + sandbox.seal()
def attempt(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return "allowed"
print(json.dumps({
    "held": held,
    "read": attempt(lambda: open("/etc/passwd")),
    "write": attempt(lambda: open("/tmp/lockbox-probe", "w").write("x")),
    "socket": attempt(lambda: socket.socket()),
    "run": attempt(lambda: os.execv("/bin/true", ["true"])),
    "kill": attempt(lambda: os.kill(os.getppid(), 0)),
}))
"""


def test_a_sealed_child_reaches_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE], cwd=ROOT, capture_output=True, text=True, check=True
    )
    answers = json.loads(done.stdout)
    assert {"limits", "dies_with_parent"} <= set(answers["held"])
    for action in ("read", "write", "socket"):
        assert answers[action] in ("PermissionError", "OSError"), action
    if "no_files_no_sockets_no_programs" in answers["held"]:
        assert answers["run"] == answers["kill"] == "PermissionError"


HOLDER = """
import sys
from intake.decode import decode
from tests.corpus.hostile import slow_files
print("ready", flush=True)
decode(slow_files()[0][1], "x.pdf")
"""


def test_the_child_knows_no_secrets_and_dies_with_its_parent() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "LOCKBOX_MASTER_KEY": "secret"},
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline().strip() == "ready"
        starters = _wait_for(lambda: _below(parent.pid))
        child = _wait_for(lambda: _below(int(starters[0])))
        # Give the child the moment it needs to bind itself to its parent.
        assert _wait_for(lambda: _is_working(int(child[0])))
        for process in (*starters, *child):
            assert b"LOCKBOX" not in Path(f"/proc/{process}/environ").read_bytes()
        parent.send_signal(signal.SIGKILL)
    assert _wait_for(lambda: not any(_alive(int(one)) for one in (*starters, *child)))


def _below(process: int) -> list[str]:
    """The children of a process."""
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()


def _wait_for(condition: Callable[[], object]) -> list[str]:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        value = condition()
        if value:
            return value if isinstance(value, list) else ["yes"]
        time.sleep(0.05)
    return []


def _alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False


def _is_working(process: int) -> bool:
    """Whether the child has sealed itself: a filter shows in its status."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False
    return "Seccomp:\t2" in status or not list(Path(f"/proc/{process}/fd").glob("3*"))


def _take(data: bytes) -> Callable[[int], bytes]:
    place = 0

    def take(count: int) -> bytes:
        nonlocal place
        piece = data[place : place + count]
        place += count
        return piece

    return take


@pytest.mark.parametrize(
    "data",
    [
        b"OLB",
        b"EVIL" + bytes(12),
        wire.PREFIX.pack(wire.MAGIC, 2**31, 0),
        wire.PREFIX.pack(wire.MAGIC, 2, 2**60) + b"{}",
        wire.pack({"type": "page"}, b"body")[:-1],
        wire.PREFIX.pack(wire.MAGIC, 2, 0) + b"[]",
        wire.PREFIX.pack(wire.MAGIC, 3, 0) + b"\xff{}",
    ],
)
def test_a_broken_frame_is_told_before_memory_is_taken(data: bytes) -> None:
    with pytest.raises(wire.BrokenFrame):
        wire.read(_take(data), 1000)


def test_a_frame_comes_back_as_it_was_sent() -> None:
    take = _take(wire.pack({"type": "page", "n": 1}, b"body") + wire.pack({"type": "end"}))
    assert wire.read(take, 1000) == ({"type": "page", "n": 1}, b"body")
    assert wire.read(take, 1000) == ({"type": "end"}, b"")
    assert wire.read(take, 1000) is None


PNG = good.saved(good.text_page(1, "L", (30, 20)), "PNG")
HEAD = {
    "type": "page", "index": 0, "media_type": "image/png", "width": 30, "height": 20,
    "dpi": 200.0, "words": [["a", 1, 2, 3, 4]], "side": "front", "item": 1, "facts": {"a": "b"},
}  # fmt: skip


def test_a_page_that_is_what_it_says_is_taken() -> None:
    page = _checked(HEAD, PNG, Limits())
    assert not isinstance(page, tuple)
    assert (page.width, page.height, page.words[0].box, page.side) == (
        30,
        20,
        (1, 2, 3, 4),
        "front",
    )


@pytest.mark.parametrize(
    "lie",
    [
        {"width": 31},
        {"media_type": "image/jpeg"},
        {"media_type": "text/html"},
        {"words": [["a", 1]]},
        {"words": None},
        {"facts": []},
        {"index": "x"},
        {"dpi": "x"},
    ],
)
def test_a_page_that_is_not_what_it_says_is_refused(lie: dict[str, object]) -> None:
    with pytest.raises(ChildFailed) as caught:
        _checked(HEAD | lie, PNG, Limits())
    assert caught.value.code == "decode_crashed"


def test_nothing_is_left_running_when_the_caller_stops_early() -> None:
    before = _children()
    pages = decode_pages(good.g4_tiff(3), "x.tif")
    next(pages)
    pages.close()  # type: ignore[attr-defined]
    assert _children() == before


def _starters() -> set[str]:
    """The starters of this process."""
    return {
        process
        for process in _below(os.getpid())
        if b"decode_starter" in Path(f"/proc/{process}/cmdline").read_bytes()
    }


def _children() -> list[str]:
    """The decoders at work for this process."""
    return [child for process in _starters() for child in _below(int(process))]


@functools.cache
def _long_tiff() -> bytes:
    """More pages than a pipe holds: the decoder is at work while the first is looked at."""
    return good.g4_tiff(8)


@pytest.mark.parametrize(
    "number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT]
)
def test_a_decoder_ended_from_outside_says_nothing_of_the_file(number: signal.Signals) -> None:
    if number != signal.SIGKILL and signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)  # as under nohup; a decoder would ignore it too
        starter.end()
    before = set(_children())
    pages = decode_pages(_long_tiff(), "bag.tif")
    next(pages)
    (child,) = set(_children()) - before
    os.kill(int(child), number)
    with pytest.raises(UnavailableError) as caught:
        list(pages)
    assert caught.value.code == "decoder_ended"


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS])
def test_a_decoder_that_breaks_down_is_the_files_doing(number: signal.Signals) -> None:
    before = set(_children())
    pages = decode_pages(_long_tiff(), "bag.tif")
    next(pages)
    (child,) = set(_children()) - before
    os.kill(int(child), number)
    with pytest.raises(UnreadableError) as caught:
        list(pages)
    assert caught.value.code == "decode_crashed"


def test_a_decoder_that_cannot_even_begin_says_nothing_of_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    starter.end()
    with monkeypatch.context() as missing:
        missing.setattr("intake.starter._START", "raise SystemExit(1)")  # as when code is missing
        with pytest.raises(UnavailableError) as caught:
            list(decode_pages(good.g4_tiff(1), "bag.tif"))
    assert caught.value.code == "decoder_ended"
    assert list(decode_pages(good.g4_tiff(1), "bag.tif"))


def test_files_are_decoded_by_children_of_their_own_from_one_starter() -> None:
    list(decode_pages(good.g4_tiff(1), "bag.tif"))
    starters = _starters()
    one, other = decode_pages(_long_tiff(), "a.tif"), decode_pages(_long_tiff(), "b.tif")
    before = set(_children())
    next(one), next(other)
    assert len(set(_children()) - before) == 2
    one.close()  # type: ignore[attr-defined]
    assert len(list(other)) == 7
    assert _starters() == starters
    assert set(_children()) == before


def test_after_a_child_that_broke_down_no_other_has_its_memory() -> None:
    list(decode_pages(good.g4_tiff(1), "bag.tif"))
    starters = _starters()
    pages, other = decode_pages(_long_tiff(), "a.tif"), decode_pages(_long_tiff(), "b.tif")
    before = set(_children())
    next(pages)
    (child,) = set(_children()) - before
    next(other)
    os.kill(int(child), signal.SIGSEGV)
    with pytest.raises(UnreadableError):
        list(pages)
    list(decode_pages(good.g4_tiff(1), "bag.tif"))
    assert _starters() - starters
    assert len(list(other)) == 7  # at work beside it, and not disturbed
    assert not starters & _starters()


def test_a_starter_that_was_ended_is_replaced() -> None:
    list(decode_pages(good.g4_tiff(1), "bag.tif"))
    pages = decode_pages(_long_tiff(), "bag.tif")
    next(pages)
    for process in _starters():
        os.kill(int(process), signal.SIGKILL)
    with pytest.raises(UnavailableError) as caught:
        list(pages)
    assert caught.value.code == "decoder_ended"
    assert len(list(decode_pages(good.g4_tiff(2), "bag.tif"))) == 2


def test_processor_time_of_children_is_counted() -> None:
    before = starter.processor_seconds()
    list(decode_pages(_long_tiff(), "bag.tif"))
    assert 0 < starter.processor_seconds() - before < 60


def test_ctrl_c_at_the_terminal_of_the_service_does_not_reach_the_decoder() -> None:
    before = set(_children())
    pages = decode_pages(good.g4_tiff(3), "bag.tif")
    next(pages)
    (child,) = set(_children()) - before
    assert os.getpgid(int(child)) != os.getpgid(0)
    pages.close()  # type: ignore[attr-defined]


def test_children_that_end_as_they_are_no_longer_wanted_take_no_other_along() -> None:
    page = good.saved(good.text_page(1, "L", (200, 200)), "PNG")

    def leave(number: int) -> int:
        pages = decode_pages(page, "small.png")
        next(pages)
        time.sleep(0.001 * (number % 7))  # before, while and after the child ends by itself
        pages.close()
        return len(list(decode_pages(page, "small.png")))

    with ThreadPoolExecutor(4) as desks:
        assert list(desks.map(leave, range(60))) == [1] * 60
