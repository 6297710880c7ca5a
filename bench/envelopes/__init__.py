"""Returned envelopes, drawn with known truth: fronts, markings, captures and what they concern."""
