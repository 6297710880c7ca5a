"""Image cash letters: shown with named fields, checked as a bank would, built, copied."""

from deposits.icl.check import check, check_records
from deposits.icl.findings import Finding
from deposits.icl.profile import STANDARD, Profile, named, names, parsed
from deposits.icl.show import show
from intake.x9 import copy

__all__ = [
    "STANDARD",
    "Finding",
    "Profile",
    "check",
    "check_records",
    "copy",
    "named",
    "names",
    "parsed",
    "show",
]
