"""Image cash letters: shown with named fields, checked as a bank would, copied byte for byte."""

from deposits.icl.check import check, check_records
from deposits.icl.findings import PROFILES, STANDARD, Finding, Profile
from deposits.icl.show import show
from intake.x9 import copy

__all__ = [
    "PROFILES",
    "STANDARD",
    "Finding",
    "Profile",
    "check",
    "check_records",
    "copy",
    "show",
]
