"""Which remittances explain a payment: the one rule, as a view that SQL and Python both ask."""

from __future__ import annotations

from sqlalchemy import column, table

EVIDENCE = table("payment_remittances", column("payment_id"), column("document_id"))
"""The view ``payment_remittances``: documents by the payment that they explain."""

# Joined to it wherever it lay; or beside it in its envelope and given to nothing else. One that
# waits for a reason was parted from its payment.
VIEW = """CREATE VIEW payment_remittances AS
    SELECT r.payment_id AS payment_id, r.document_id AS document_id
      FROM remittances r JOIN documents d ON d.id = r.document_id
      WHERE r.partner_state = 'joined' AND d.live
    UNION
    SELECT p.id AS payment_id, d.id AS document_id
      FROM payments p
      JOIN documents d ON d.transaction_id = p.transaction_id
      LEFT JOIN remittances r ON r.document_id = d.id
      WHERE d.kind = 'remittance' AND d.live
        AND (r.id IS NULL OR (r.partner_state = 'waiting' AND r.reason = ''))"""

SHARED = f"""{VIEW}
    UNION
    SELECT s.payment_id AS payment_id, r.document_id AS document_id
      FROM remittance_shares s
      JOIN remittances r ON r.id = s.remittance_id
      JOIN documents d ON d.id = r.document_id
      WHERE s.ended_at IS NULL AND r.partner_state = 'joined' AND d.live"""  # noqa: S608 - constants
"""The view as it is now: of a remittance of several payments each has its share."""
