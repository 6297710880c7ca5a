"""Two independent readers of 835 files, asked what they find wrong."""

from __future__ import annotations

import oxedi
import oxedi.pyx12

# 004010X091A1 asks for state and ZIP of the payer (N402, N403 required) and has no way to say
# that nobody knows them; 005010X221A1 made both situational. We write no made-up address, so a
# 4010 file about a payer of unknown address lacks just these two elements.
UNKNOWN_ADDRESS_IN_4010 = frozenset({("N4", 2), ("N4", 3)})


def judged(data: bytes) -> list[str]:
    """All that oxedi (its parser's own rules) and pyx12 (its maps of the guides) object to."""
    result = oxedi.parse(data)
    found = [*result.diagnostics, *oxedi.pyx12.validate(data)]
    return [f"{each.origin} {each.path} {each}" for each in found]


def places(data: bytes) -> set[tuple[str, int | None]]:
    """The segment name and element of each objection."""
    document = oxedi.parse(data).document
    found = [*oxedi.parse(data).diagnostics, *oxedi.pyx12.validate(data)]
    return {
        (document[each.segment].id.decode() if each.segment is not None else "", each.element)
        for each in found
    }
