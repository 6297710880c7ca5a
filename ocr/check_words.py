"""Words that are common in the names of practices and banks, and names respelt by them."""

from __future__ import annotations

import re

from rapidfuzz import process
from rapidfuzz.distance import OSA

# What US medical and dental practices call themselves, and what US banks do, by general usage.
_PRACTICE = """
    Dental Dentistry Dentist Dentists Denture Medical Medicine Health Healthcare Clinic Care
    Center Centre Family Group Practice Associates Associated Orthodontics Orthodontic Oral
    Surgery Surgical Surgeons Smiles Smile Office Offices Physicians Physician Partners Pediatric
    Pediatrics Periodontics Endodontics Prosthodontics Implants Cosmetic Gentle Children Women
    Eye Vision Optometry Dermatology Cardiology Radiology Laboratory Therapy Physical Wellness
    Hospital Services Specialists Community General Internal Urgent Primary Pharmacy Chiropractic
"""
_BANK = """
    Bank Bancorp Trust Company National Association Federal Savings Credit Union First Second
    Third Fifth State Citizens Farmers Merchants Peoples Commerce Commercial Community
    Cornerstone Heritage Heartland Security Fidelity Liberty Mutual United Union American Central
    County City Valley River Northern Southern Eastern Western Midwest Regional Capital Home
    Summit Pioneer Guaranty Financial Services Payment
"""
_WORDS = {word.lower(): word for word in (_PRACTICE + _BANK).split()}
_LONG = 5
_CLOSE = 0.74


def spelt(name: str) -> tuple[str, float]:
    """The name with words of five letters and more respelt as the common word they all but are.

    Also the share of such words that are common ones, respelt or not. A word that is common
    stays; one that is as near to two common words stays as well.
    """
    known = long = 0
    parts = re.split(r"(\s+)", name)
    for place, part in enumerate(parts):
        bare = part.strip(".,:;'\"()")
        if len(bare) < _LONG:
            continue
        long += 1
        if bare.lower() in _WORDS:
            known += 1
            continue
        word = _nearest(bare)
        if word is None:
            continue
        known += 1
        parts[place] = part.replace(bare, word.upper() if bare.isupper() else word)
    return "".join(parts), known / max(1, long)


def _nearest(bare: str) -> str | None:
    found = process.extract(
        bare.lower(), list(_WORDS), scorer=OSA.normalized_similarity, limit=2, score_cutoff=_CLOSE
    )
    if not found or (len(found) > 1 and found[1][1] > found[0][1] - 0.05):
        return None
    word = str(found[0][0])
    if bare.lower() in (word + "s", word.removesuffix("s")):
        return None  # one more or fewer of something is another name
    return _WORDS[word]
