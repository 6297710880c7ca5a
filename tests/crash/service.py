"""A worker service as a program of its own, so that the crash tests can kill it whole.

``poll`` is what ``lockbox serve`` does beside its pages, ``celery`` what ``lockbox worker`` does.
"""

from __future__ import annotations

import argparse
import signal
import sys

from records import logs
from records.installation import open_installation
from records.settings import load_settings
from web import doorbell, worker
from web.stopping import Stop


def main() -> int:
    """Run until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=["poll", "celery"])
    parser.add_argument("stages")
    options = parser.parse_args()
    stop = Stop()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    settings = load_settings()
    logs.configure(settings.log_level)
    installation = open_installation(settings, upgrade=False)
    doorbell.install(settings)
    if options.mode == "poll":
        with worker.working(settings, installation.db, stages=options.stages):
            stop.wait()
    else:
        doorbell.work(settings, installation.db, stop, stages=options.stages)
    return 0


if __name__ == "__main__":
    sys.exit(main())
