"""Accuracy and speed, measured on seeded data with known truth."""
