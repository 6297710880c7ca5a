"""The claims file of the demo: what its remittances pay, as the practice sent it."""

from __future__ import annotations

import random
from datetime import date

from matching.claim_rows import claim_rows
from web.demo import group as groups
from web.demo.claims_file import claims_csv
from web.demo.remit_facts import make_remittance


def test_every_remitted_claim_was_sent_once_with_the_same_lines() -> None:
    group = groups.make_group(7, as_of=date(2026, 11, 20), accounts=60)
    paid = make_remittance(group, group.payers[0], group.offices[0], random.Random(3), claims=4)
    document = {"fields": paid.truth()}
    truth = {"files": [{"transactions": [{"documents": [document, document, {"fields": {}}]}]}]}
    claims, faults = claim_rows(claims_csv(truth))
    assert faults == []
    assert [(each.account_number, each.charged_cents) for each in claims] == [
        (each.account.account_number, each.total("charged_cents")) for each in paid.claims
    ]
    assert len({each.number for each in claims}) == 4
