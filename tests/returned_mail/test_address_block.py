"""An address out of lines of text, as it stands on labels and envelopes."""

from __future__ import annotations

import pytest

from returned_mail.address import parse_block


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("ROSA ALVAREZ\n12 Elm Street\nDayton, OH 45419", "12 ELM ST, DAYTON, OH 45419"),
        ("12 Elm St Apt 4 Troy NY 12180", "12 ELM ST APT 4, TROY, NY 12180"),
        ("12 Elm St, Apt 4, Troy, NY 12180-1234", "12 ELM ST APT 4, TROY, NY 12180-1234"),
        ("John Smith, 12 Elm St, Troy, New York 12180", "12 ELM ST, TROY, NY 12180"),
        ("ROSA\nAPT 4\n12 ELM STREET\nTROY NY 12180", "12 ELM ST APT 4, TROY, NY 12180"),
        ("ROSA\n12 ELM STREET\nAPT 4\nTROY NY 12180", "12 ELM ST APT 4, TROY, NY 12180"),
        ("SGT X\nPSC 3 BOX 4120\nAPO AE 09021", "PSC 3 BOX 4120, APO, AE 09021"),
        ("CMR 1250 BOX 54 APO AE 09045", "CMR 1250 BOX 54, APO, AE 09045"),
        ("X\nUNIT 2050 BOX 4190\nFPO, AP 96601", "UNIT 2050 BOX 4190, FPO, AP 96601"),
        (
            "ROSA\nURB LAS GLADIOLAS\n150 CALLE A\nSAN JUAN PR 00926-3232",
            "URB LAS GLADIOLAS 150 CALLE A, SAN JUAN, PR 00926-3232",
        ),
        ("ROSA\nP.O. BOX 12\nSAN JUAN, PUERTO RICO 00926", "PO BOX 12, SAN JUAN, PR 00926"),
        (
            "ROSA ALVAREZ\nC/O PETER NOVAK\n12 ELM ST\nTROY NY 12180",
            "C/O PETER NOVAK 12 ELM ST, TROY, NY 12180",
        ),
        ("NOTIFY SENDER\nROSA\n7 BIRCH LN\nNORTH CANTON OH 44720 1234",
         "7 BIRCH LN, NORTH CANTON, OH 44720-1234"),
        ("7 Birch Ln North Canton OH 44720", "7 BIRCH LN, NORTH CANTON, OH 44720"),
        ("RR 2 BOX 152\nRURAL VALLEY PA 16249", "RR 2 BOX 152, RURAL VALLEY, PA 16249"),
    ],
)  # fmt: skip
def test_an_address_is_found_in_its_usual_forms(text: str, line: str) -> None:
    found = parse_block(text)
    assert found is not None
    assert found.line == line


@pytest.mark.parametrize(
    "text",
    ["", "ROSA ALVAREZ", "RETURN TO SENDER\nATTEMPTED - NOT KNOWN", "12 ELM ST", "TROY NY 12180",
     "ROSA ALVAREZ\nTROY NY 12180", "BC: 45419000000 *1234-05678-12-34"],
)  # fmt: skip
def test_what_is_no_address_gives_none(text: str) -> None:
    assert parse_block(text) is None
