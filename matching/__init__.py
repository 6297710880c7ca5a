"""Readings become decisions."""
