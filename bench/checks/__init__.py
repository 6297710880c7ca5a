"""Seeded checks for measuring: forms, hands, captures, and pages that are no checks."""
