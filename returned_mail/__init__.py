"""Returned mail becomes corrected addresses."""
