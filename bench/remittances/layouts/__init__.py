"""Layouts of payers, one subject a file; ``every`` lists them."""
