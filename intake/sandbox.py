"""Locks the decoding child in: limits, no network, no programs, no files, gone with its parent.

Every lock is its own call and stands alone, since kernels and containers permit different ones;
``lock_in`` and ``seal`` report which held. Linux only; elsewhere the resource limits remain.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import signal
import struct
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_CLONE_NEWNET = 0x40000000
_CLONE_NEWUSER = 0x10000000

_ALLOW, _EPERM_ANSWER, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
_LOAD, _JUMP_EQUAL, _JUMP_ABOVE, _RETURN = 0x20, 0x15, 0x35, 0x06
_X32_BIT = 0x40000000

# System call numbers (Linux uapi): what a decoder that has loaded its code never needs.
_SYSCALLS_X86_64 = {
    "socket": 41, "connect": 42, "socketpair": 53, "bind": 49, "sendto": 44, "sendmsg": 46,
    "execve": 59, "execveat": 322, "fork": 57, "vfork": 58, "kill": 62, "tkill": 200,
    "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "io_uring_setup": 425,
    "open": 2, "openat": 257, "openat2": 437, "creat": 85, "open_by_handle_at": 304,
    "unlink": 87, "unlinkat": 263, "rename": 82, "renameat": 264, "renameat2": 316,
    "link": 86, "linkat": 265, "symlink": 88, "symlinkat": 266, "truncate": 76,
    "chmod": 90, "fchmodat": 268, "chown": 92, "fchownat": 260, "mkdir": 83, "mkdirat": 258,
    "rmdir": 84, "mount": 165, "bpf": 321, "perf_event_open": 298, "keyctl": 250,
    "unshare": 272, "setns": 308, "memfd_create": 319, "pidfd_open": 434, "pidfd_getfd": 438,
}  # fmt: skip
_SYSCALLS_AARCH64 = {
    "socket": 198, "connect": 203, "socketpair": 199, "bind": 200, "sendto": 206, "sendmsg": 211,
    "execve": 221, "execveat": 281, "kill": 129, "tkill": 130, "ptrace": 117,
    "process_vm_readv": 270, "process_vm_writev": 271, "io_uring_setup": 425,
    "openat": 56, "openat2": 437, "open_by_handle_at": 265, "unlinkat": 35, "renameat": 38,
    "renameat2": 276, "linkat": 37, "symlinkat": 36, "truncate": 45, "fchmodat": 53,
    "fchownat": 54, "mkdirat": 34, "mount": 40, "bpf": 280, "perf_event_open": 241,
    "keyctl": 219, "unshare": 97, "setns": 268, "memfd_create": 279, "pidfd_open": 434,
    "pidfd_getfd": 438,
}  # fmt: skip
_MACHINES = {"x86_64": (0xC000003E, _SYSCALLS_X86_64), "aarch64": (0xC00000B7, _SYSCALLS_AARCH64)}


def lock_in(parent: int, memory_bytes: int, cpu_seconds: int) -> tuple[str, ...]:
    """Sets the limits that hold from the start; returns the names of the locks that held.

    ``parent`` is the process id of the parent; a child whose parent is gone already ends here.
    """
    held = []
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    held.append("limits")
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0:
            held.append("dies_with_parent")
        if os.getppid() != parent:
            os._exit(1)
        unshared = libc.unshare(_CLONE_NEWNET) == 0
        if unshared or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
            held.append("no_network")
    return tuple(held)


def seal() -> tuple[str, ...]:
    """Takes away files, sockets and programs, once all code is loaded.

    By a system call filter; where the kernel refuses one, by leaving no free file number, which
    ends opening of files and sockets alike. Returns the names of the locks that held.
    """
    if sys.platform == "linux" and _install_filter():
        return ("no_files_no_sockets_no_programs",)
    with contextlib.suppress(OSError, ValueError):
        used = max(int(name) for name in os.listdir("/proc/self/fd")) + 1  # noqa: PTH208 - lean
        resource.setrlimit(resource.RLIMIT_NOFILE, (used, used))
        return ("no_free_file_number",)
    return ()


class _Program(ctypes.Structure):
    """``struct sock_fprog`` of Linux."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _install_filter() -> bool:
    machine = _MACHINES.get(platform.machine())
    if machine is None or sys.byteorder != "little" or sys.maxsize < 2**32:
        return False
    program = filter_program(*machine)
    buffer = ctypes.create_string_buffer(program, len(program))
    described = _Program(len(program) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    answer = libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(described), 0, 0)
    return bool(answer == 0)


def filter_program(architecture: int, calls: dict[str, int]) -> bytes:
    """The filter as classic BPF: refused calls answer EPERM, a foreign architecture is killed."""
    numbers = sorted(set(calls.values()))
    steps = [
        (_LOAD, 0, 0, 4),  # seccomp_data.arch
        (_JUMP_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),  # seccomp_data.nr
        (_JUMP_ABOVE, len(numbers) + 1, 0, _X32_BIT),
    ]
    for place, number in enumerate(numbers):
        steps.append((_JUMP_EQUAL, len(numbers) - place, 0, number))
    steps.append((_RETURN, 0, 0, _ALLOW))
    steps.append((_RETURN, 0, 0, _EPERM_ANSWER))
    return b"".join(struct.pack("<HBBI", *step) for step in steps)
