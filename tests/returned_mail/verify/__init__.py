"""Verifiers of addresses."""
