"""Drawn remittances: facts that balance, payers' layouts, pages printed and scanned."""
