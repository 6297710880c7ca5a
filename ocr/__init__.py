"""Pixels become readings."""
