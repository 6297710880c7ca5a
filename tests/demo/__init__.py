"""Tests of the demo group and its mail."""
