"""Being told to stop: an event that a signal handler may set."""

from __future__ import annotations

import queue
import threading


class Stop(threading.Event):
    """An event whose ``set`` takes no lock that its own thread may hold.

    A handler runs between two steps of the main thread. If that thread is just then in ``wait``,
    or in the ``set`` of a signal before, the lock of a plain event is taken, and the handler waits
    for itself without end. Putting into a SimpleQueue is made for that (Python's ``queue``).
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: queue.SimpleQueue[None] = queue.SimpleQueue()

    def is_set(self) -> bool:
        """Whether it was set."""
        return not self._told.empty()

    def set(self) -> None:
        """Set it; from a signal handler, too."""
        self._told.put(None)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, or for so many seconds; whether it is."""
        try:
            self._told.get(timeout=timeout)
        except queue.Empty:
            return False
        self._told.put(None)  # it stays set
        return True
