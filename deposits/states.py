"""The states of a deposit, by what they mean to those who ask."""

from __future__ import annotations

AT_BANK = ("approved", "exported")
"""It goes to the bank or is there, and no credit has come for it yet."""

APPROVED = (*AT_BANK, "credited")
"""From approval on: its checks are on their way or paid."""

CLOSED = ("closed", *APPROVED)
"""From closing on: what is in it stays."""

ENDED = ("credited", "rejected", "cancelled")
"""Nothing more comes of it: paid, refused by the bank, or given up."""

REJECTED_ENTRY = "deposit_rejected"
"""The journal's entry that takes a rejected deposit's money back from its way to the bank."""
