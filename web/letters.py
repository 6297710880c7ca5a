"""Writing a deposit's cash letter for whoever asked, page or command: nobody who writes waits."""

from __future__ import annotations

from deposits import batch, imaging, sending
from records.installation import Installation
from records.models import CashLetter


def make_images(installation: Installation, deposit_ref: str) -> None:
    """Make what images of a deposit's checks the worker has not made yet."""
    with installation.db.read() as session:
        items = batch.find(session, deposit_ref).items
        papers = imaging.papers(session, [item.payment_id for item in items])
    if papers.checks:
        made = imaging.work(papers)
        with installation.db.write() as session:
            imaging.keep(session, made)


def written(installation: Installation, deposit_ref: str, actor: str) -> CashLetter:
    """The deposit's letter, written now or as it was written; raises as ``deposits.sending``."""
    make_images(installation, deposit_ref)
    with installation.db.read() as session:
        deposit = batch.find(session, deposit_ref)
        kept = sending.kept(session, deposit)
        if kept is not None:
            return kept
        draft = sending.draft(session, deposit)
    data = sending.write(draft, installation.store.get)
    with installation.db.write() as session:
        return sending.keep(session, installation.store, draft, data, actor)
