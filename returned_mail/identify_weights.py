"""What each sign on a returned piece weighs: natural log-odds from stated error rates.

A weight is ln(chance of the sign if the piece is this one / chance if it is any other). The rates
are stated, not fitted (docs/decisions: one posterior for identity); a sign that was not read
weighs nothing.
"""

from __future__ import annotations

from math import log

NOT_OURS = 0.05
"""How many of the pieces that come back to an office are not of its mailing at all."""
OTHER_OFFICE = log(0.02)
"""How seldom a piece lies in the mail of another office of the group."""
BARCODE = log(0.99 / 1e-6)
"""A decoded barcode equals the piece's: 20 digits agree by luck less than once in a million."""
BARS = log(0.99 / 1e-5)
"""The bars that can be seen single the piece out: the ledger answers below this luck only."""
OTHER_BARCODE = log(1e-5)
"""The barcode read is another's: the decoder accepts a wrong one less than once in 100,000."""
COUPON = log(0.99 / 1e-6)
OTHER_COUPON = log(1e-4)
SCANLINE = log(0.99 / 1e-5)
"""A misread line passes one check digit in ten, and then hardly ever as a piece that was mailed."""
OTHER_SCANLINE = log(1e-2)
"""The line read is another's: none wrong of 277 read (`lockbox bench scanline`, seed 20), which
leaves at most one in a hundred (with 95 of 100 confidence)."""
NUMBER = log(0.9 / 1e-3)
"""A number of ours among the words: figures of labels and permits may look like one."""
NAME_READ, NAME_NEAR, NAME_OTHER = 0.93, 0.05, 0.02
"""How often the right name is read to the letter or nearly, with a letter or two wrong, or as
another. The same for streets below."""
RAREST_NAME = 1e-4
"""No name is thought rarer: namesakes are in every town."""
UNSEEN_NAMESAKES = 0.1
"""To those among the accounts are added, since a small office has not met everybody."""
ADDRESS_READ, ADDRESS_NEAR, ADDRESS_OTHER = 0.9, 0.07, 0.03
SAME_PLACE = 1e-4
"""How often somebody else's mail bears an address of ours to the number."""
NEAR_PLACE = 0.02
"""How often another address is as much alike: the same street, another number."""
OUR_RETURN = log(0.9 / 0.01)
OTHER_RETURN = log(0.05 / 0.9)
BEFORE_MAILED = log(1e-3)
"""The label bears a day before the piece was mailed."""
LONG_AGO = log(0.1)
"""Mailed more than sixty days before it came back: forwarding has long given up by then."""

SURE = 0.998
"""The posterior from which an account is taken without asking."""
GAP = log(100.0)
"""And so much ahead of the next account."""
LEAST_SHOWN = 0.001
