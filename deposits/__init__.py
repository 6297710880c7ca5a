"""Decisions become money in the bank and in the practice-management system."""
