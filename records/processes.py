"""Processes by a name that is never used twice: host, process id and the instant it started."""

from __future__ import annotations

import functools
import os
import socket
from pathlib import Path

_START_FIELD = 19  # of /proc/PID/stat after the command: starttime in clock ticks (proc(5), 22)


@functools.cache
def host() -> str:
    """This machine until its next start, and this container: ``name-boot-namespace``."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
        namespace = str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        boot, namespace = "0", "0"
    return f"{socket.gethostname().replace(':', '_')[:80]}-{boot}-{namespace}"


def name(pid: int | None = None) -> str:
    """``host:pid:start`` of a living process of this host, by default this one."""
    number = os.getpid() if pid is None else pid
    return f"{host()}:{number}:{_started(number) or 0}"


def is_gone(worker: str) -> bool:
    """Whether ``worker`` was a process of this host that no longer lives; False when unsure."""
    where, _, rest = worker.partition(":")
    pid, _, start = rest.partition(":")
    if where != host() or not pid.isdigit() or not start.split(":")[0].isdigit():
        return False
    if start.split(":")[0] == "0" or not Path("/proc/self/stat").exists():
        return False
    return _started(int(pid)) != int(start.split(":")[0])


def _started(pid: int) -> int | None:
    """Start time in clock ticks since boot; None for a process that is gone or a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else int(fields[_START_FIELD])
