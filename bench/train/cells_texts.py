"""What the drawn cells of remittances say: amounts, dates, codes, numbers, names, heads."""

from __future__ import annotations

from bench.train.numerals_texts import Random, chance
from bench.train.printed_texts import some_print


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_HEADS = _listed(
    "Billed Charged Submitted Allowed Allowance Amount Approved Covered Noncovered Deductible "
    "Deduct Coinsurance Co-ins Coins Copay Co-pay Co-payment Paid Payment Payable Plan "
    "Benefit Benefits Benefit(s) Patient Responsibility Resp Owes You Your Provider Discount "
    "Contract Contractual Adjustment Adjustments Adj Adjusted Reason Remark Remarks Code "
    "Codes Group Grp CARC RARC Procedure Proc Service Services Serv Date Dates From Through "
    "Thru Units Qty Unit Mod Mods Modifier Claim Claims Claim# Number No. No Nbr # Member "
    "Subscriber Insured ID Id Account Acct Acct# Control Ctrl ICN DCN Check Check# Trace EFT "
    "Total Totals Subtotal Summary Net Other Insurance Ins Insurer's Not Disallowed Denied "
    "Write-off Interest Late Tooth Surface Surf Fee Fees Charges Charge Description Rendering "
    "Referring NPI TIN Tax Tax-ID Page Sheet of to the for and this is Explanation Remittance "
    "Advice Statement Voucher Payer Payee Policy Name First Last Relationship Self Spouse "
    "Child Processed Received Issued Status Message Messages Notes Note See See: Legend "
    "Maximum Remaining Used Limit Balance Forward Carried Withheld Takeback Recoupment "
    "Overpayment Offset Previous Reversal Correction"
)
_WORDS = _listed(
    "office visit established patient new level exam examination periodic comprehensive limited "
    "oral evaluation adult child prophylaxis cleaning bitewing film films image images series "
    "complete panoramic crown porcelain ceramic resin composite surface surfaces anterior "
    "posterior amalgam extraction erupted root canal molar premolar scaling planing quadrant "
    "fluoride varnish sealant therapy therapeutic exercise exercises manual injection vaccine "
    "administration immunization influenza venipuncture blood count metabolic panel culture "
    "urinalysis specimen electrocardiogram chest view views shoulder knee hip spine lumbar "
    "biopsy lesion skin removal destruction joint minutes hospital inpatient outpatient "
    "anesthesia surgical supply supplies tray ultrasound colonoscopy wellness annual screening "
    "the amount exceeds maximum allowable under contract between and your provider may not bill "
    "for this difference charges are service services rendered date of was processed according "
    "to fee schedule in network out deductible has been met benefit period copay applies each "
    "please submit additional information within days duplicate previously paid denied because "
    "coverage terminated prior timely filing limit primary payer coordination benefits should "
    "be billed first included with another procedure bundled medical records necessary see "
    "reverse side important notice right appeal write call questions customer department"
)
_GROUPS = ("CO", "PR", "OA", "PI", "CO", "PR")
_MODS = [
    "25",
    "59",
    "26",
    "TC",
    "LT",
    "RT",
    "QW",
    "GA",
    "GY",
    "GZ",
    "KX",
    "50",
    "51",
    "76",
    "77",
    "78",
    "79",
    "80",
    "AS",
    "22",
    "24",
    "57",
    "58",
    "91",
    "XS",
    "XU",
    "XE",
    "XP",
]
_TITLES = ("MD", "DDS", "DO", "NP", "PA", "DMD", "PA-C", "M.D.", "D.D.S.", "RN", "PC", "PLLC")
_MONTHS = _listed("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")
_CODES = _listed("45 45 1 2 3 23 96 97 16 29 50 18 B7 253 204 119 A1 59 237 22 109")
_REMARKS = ("N", "M", "MA", "N", "P")


def _pick(random: Random, choices: tuple[str, ...] | list[str]) -> str:
    return choices[int(random.integers(len(choices)))]


def _figures(random: Random, count: int) -> str:
    return "".join(str(int(random.integers(10))) for _ in range(count))


def _letters(random: Random, count: int) -> str:
    return "".join(chr(65 + int(random.integers(26))) for _ in range(count))


def _amount(random: Random) -> str:
    """Dollars and cents in every manner that payers print them."""
    if chance(random, 0.12):
        return _pick(random, ("0.00", "$0.00", ".00", "0.00", "$.00", "(0.00)"))
    dollars = int(10 ** random.uniform(0.0, 4.6))
    cents = _figures(random, 2) if chance(random, 0.75) else "00"
    text = f"{dollars:,}.{cents}" if chance(random, 0.8) else f"{dollars}.{cents}"
    if chance(random, 0.05):
        text = f".{cents}"
    mark = "$" if chance(random, 0.25) else ""
    form = random.random()
    if form < 0.70:
        return mark + text
    if form < 0.79:
        return f"({mark}{text})"
    if form < 0.87:
        return f"{mark}{text}-"
    if form < 0.94:
        return f"-{mark}{text}"
    if form < 0.97:
        return f"{mark}{text}{_pick(random, ('CR', ' CR', 'cr', 'DR'))}"
    return f"{_pick(random, ('*', '**', '***', '$***', '$ '))}{text}"


def _date(random: Random) -> str:
    """A day in the forms of payers, or two of them."""
    day, month = int(random.integers(1, 32)), int(random.integers(1, 13))
    year = int(random.integers(2019, 2032))
    month_day = f"{month:02d}/{day:02d}" if chance(random, 0.85) else f"{month}/{day}"
    form = random.random()
    if form < 0.36:
        return f"{month_day}/{year}"
    if form < 0.58:
        return f"{month_day}/{year % 100:02d}"
    if form < 0.66:
        return f"{month:02d}{day:02d}{year if chance(random, 0.4) else f'{year % 100:02d}'}"
    if form < 0.74:
        return f"{year}-{month:02d}-{day:02d}"
    if form < 0.82:
        mark = _pick(random, ("-", ".", "-"))
        return f"{month:02d}{mark}{day:02d}{mark}{year if chance(random, 0.5) else year % 100}"
    if form < 0.88:
        name = _MONTHS[month - 1]
        return _pick(random, (f"{name} {day}, {year}", f"{day}-{name}-{year}", f"{name}", f"{day},",
                              f"{day:02d}{name.upper()}{year}", f"{name} {day:02d}"))  # fmt: skip
    if form < 0.94:
        other = min(31, day + int(random.integers(0, 3)))
        return f"{month:02d}/{day:02d}-{month:02d}/{other:02d}/{year % 100:02d}"
    return month_day


def _procedure(random: Random) -> str:
    """A procedure's code, with modifiers at times."""
    form = random.random()
    code = (
        f"D{_figures(random, 4)}" if form < 0.3
        else _figures(random, 5) if form < 0.75
        else f"{_pick(random, list('GJAEQSTLV'))}{_figures(random, 4)}" if form < 0.95
        else f"{_figures(random, 4)}F"
    )  # fmt: skip
    if chance(random, 0.15):
        code += _pick(random, ("-", " ", ":", "/")) + _pick(random, _MODS)
    return code


def _reason(random: Random) -> str:
    """A reason's group and number, a remark, or one of them alone."""
    known = chance(random, 0.6)
    number = _pick(random, _CODES) if known else str(int(random.integers(1, 310)))
    form = random.random()
    if form < 0.5:
        return _pick(random, _GROUPS) + _pick(random, ("-", "-", " ", "", "*", "- ", "/")) + number
    if form < 0.62:
        return f"{_pick(random, _REMARKS)}{int(random.integers(1, 900)):02d}"
    if form < 0.72:
        return _pick(random, _GROUPS)
    if form < 0.82:
        return f"{number},{_pick(random, _REMARKS)}{int(random.integers(1, 900))}"
    return number


def _identity(random: Random) -> str:
    """Numbers of members, claims, accounts, checks and providers."""
    form = random.random()
    if form < 0.3:
        return _letters(random, int(random.integers(1, 4))) + _figures(
            random, int(random.integers(5, 12))
        )
    if form < 0.6:
        return _figures(random, int(random.integers(6, 16)))
    if form < 0.72:
        return f"20{int(random.integers(24, 29))}{_figures(random, int(random.integers(6, 11)))}"
    if form < 0.82:
        first = _figures(random, int(random.integers(2, 7)))
        return f"{first}-{_figures(random, int(random.integers(1, 5)))}"
    if form < 0.9:
        return "".join(
            _letters(random, 1) if chance(random, 0.4) else _figures(random, 1)
            for _ in range(int(random.integers(5, 13)))
        )
    if form < 0.95:
        return f"{_figures(random, 5)}-{_figures(random, 4)}"
    return f"#{_figures(random, int(random.integers(3, 9)))}"


def _small(random: Random) -> str:
    """What counts units, teeth, modifiers and percents say."""
    one, two = _figures(random, 1), _figures(random, 2)
    tooth = _pick(random, ("MOD", "DO", "MO", "B", "OB", "MODB", "L", "UL", "LR"))
    return _pick(random, (one, two, f"{one}.0", f"{one}.00", f"{two}%", _pick(random, _MODS),
                          one + two, _letters(random, 1), "1", "1", "1.000", tooth))  # fmt: skip


def _named(random: Random) -> str:
    """Names of people as tables have them."""
    words = [word for word in some_print(random).split() if word.isalpha()][:2]
    while len(words) < 2:
        words.append(_pick(random, _HEADS).strip("#:."))
    first, last = (word.capitalize() for word in words)
    initial = _letters(random, 1)
    text = _pick(random, (
        f"{last}, {first}", f"{first} {last}", f"{last},{first}", first, last, first, last,
        f"{last},", f"{first} {initial} {last}", f"{first} {initial}",
        f"{first} {last} {_pick(random, _TITLES)}", f"{initial}.",
    ))  # fmt: skip
    return text.upper() if chance(random, 0.5) else text


def _head(random: Random) -> str:
    words = [_pick(random, _HEADS) for _ in range(1 if chance(random, 0.75) else 2)]
    text = " ".join(words)
    if chance(random, 0.25):
        text = text.upper()
    return text + (":" if chance(random, 0.15) else "")


def _spoken(random: Random) -> str:
    """Words of descriptions, notes and letters."""
    words = [_pick(random, _WORDS) for _ in range(1 if chance(random, 0.7) else 2)]
    if chance(random, 0.4):
        words[0] = words[0].capitalize()
    text = " ".join(words) + (_pick(random, (".", ",", ":")) if chance(random, 0.1) else "")
    return text.upper() if chance(random, 0.2) else text


_KINDS = (
    (0.17, _amount), (0.14, _date), (0.14, _procedure), (0.07, _reason), (0.12, _identity),
    (0.04, _small), (0.13, _named), (0.08, _head), (0.06, _spoken),
)  # fmt: skip


def some_cell(random: Random) -> str:
    """What one word of a table, or a few beside each other, says; never empty."""
    at = random.random()
    for share, kind in _KINDS:
        at -= share
        if at < 0:
            return kind(random)
    words = some_print(random).split()
    return words[int(random.integers(len(words)))] if words else "0.00"
