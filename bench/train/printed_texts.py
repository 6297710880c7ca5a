"""What the drawn lines of print say: names, places, banks, labels, amounts, dates, and no sense."""

from __future__ import annotations

from bench.train.numerals_texts import Random, chance


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_FIRST = (
    "James", "Mary", "Robert", "Patricia", "Michael", "Jennifer", "William", "Linda", "David",
    "Elizabeth", "Joseph", "Barbara", "Thomas", "Susan", "Charles", "Karen", "Daniel", "Lisa",
    "Matthew", "Nancy", "Anthony", "Betty", "Mark", "Sandra", "Steven", "Ashley", "Andrew", "Kim",
    "Joshua", "Michelle", "Kenneth", "Emily", "Kevin", "Amanda", "Brian", "Melissa", "Timothy",
    "Deborah", "Jeffrey", "Laura", "Ryan", "Cynthia", "Jacob", "Amy", "Gary", "Kathleen", "Eric",
    "Angela", "Jonathan", "Shirley", "Larry", "Brenda", "Justin", "Pamela", "Frank", "Virginia",
    "Raymond", "Helen", "Gregory", "Ruth", "Xavier", "Quentin", "Zoe", "Yvonne", "Jesus", "Ivan",
)  # fmt: skip
_LAST = (
    "Williams", "Brown", "Jones", "Miller", "Davis", "Rodriguez", "Martinez", "Hernandez", "Lopez",
    "Gonzalez", "Wilson", "Anderson", "Thomas", "Taylor", "Moore", "Jackson", "Martin", "Lee",
    "Perez", "Thompson", "White", "Harris", "Sanchez", "Clark", "Lewis", "Robinson", "Walker",
    "Young", "Allen", "King", "Wright", "Scott", "Torres", "Hill", "Flores", "Green", "Adams",
    "Baker", "Hall", "Campbell", "Mitchell", "Carter", "Phillips", "Evans", "Turner", "Diaz",
    "O'Brien", "McDonald", "Van Dyke", "Quigley", "Fitzgerald", "Zimmerman", "Jaworski", "Li",
    "Kowalczyk", "Xiong", "Vasquez", "Schwartz", "Offutt", "Hoffman", "Bullock", "Illig",
)  # fmt: skip
_STREETS = (
    "Main", "Oak", "Maple", "Washington", "Second", "Lincoln", "Jefferson", "Church", "Elm",
    "Highland", "Walnut", "Center", "Jackson", "Mill", "Chestnut", "North Ridge", "Wilson",
    "Fairview", "Franklin", "Sunset", "County Line", "Forest Hill", "Lakeshore", "Dogwood", "5th",
)  # fmt: skip
_ROADS = ("St", "Street", "Ave", "Avenue", "Rd", "Road", "Dr", "Drive", "Ln", "Lane", "Blvd",
          "Court", "Ct", "Pl", "Way", "Hwy", "Pkwy", "Cir", "Trail")  # fmt: skip
_TOWNS = (
    "Columbus", "Indianapolis", "Chicago", "Cleveland", "Phoenix", "Houston", "Philadelphia",
    "Boston", "Des Moines", "Louisville", "Lexington", "Fort Wayne", "South Bend", "Toledo",
    "Akron", "Minneapolis", "St. Paul", "Omaha", "Kansas City", "Tulsa", "Austin", "Jacksonville",
    "Buffalo", "Pittsburgh", "Hagerstown", "Wilmington", "Quincy", "Joliet", "Kalamazoo", "Utica",
)  # fmt: skip
_STATES = _listed(
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH "
    "NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC ON QC BC AB"
)
_FIRMS = (
    "Dental", "Family", "Clinic", "Associates", "Medical", "Group", "Insurance", "Health", "Plan",
    "Services", "Company", "Supply", "Construction", "Holdings", "Partners", "Enterprises", "of",
    "Benefit", "Fund", "Trust", "Mutual", "Life", "Hospital", "Surgery", "Center", "Payroll",
    "Account", "Management", "Properties", "Logistics", "Electric", "Roofing", "School",
    "District", "University", "Foundation", "General", "United", "American", "National", "State",
)  # fmt: skip
_ENDS = ("Inc.", "LLC", "Inc", "Co.", "Ltd.", "P.C.", "PLLC", "Corp.", "D.D.S.", "L.L.C.", "& Sons")
_BANKS = ("Bank", "Bank, N.A.", "National Bank", "Savings Bank", "Credit Union", "Federal",
          "Trust Company", "Bank of", "Bank & Trust", "FCU", "State Bank", "Bancorp", "Banc",
          "National Association", "Federal Credit Union", "Member FDIC")  # fmt: skip
_LABELS = (
    "PAY TO THE ORDER OF", "Pay to the order of", "PAY TO THE", "ORDER OF", "Pay to the",
    "Order of", "PAY", "TO THE", "ORDER", "DOLLARS", "Dollars", "dollars", "DATE", "Date", "MEMO",
    "Memo", "FOR", "For", "AMOUNT", "Amount", "VOID AFTER 90 DAYS", "Void after 180 days", "$",
    "CHECK NO.", "Check No.", "CHECK DATE", "NO.", "No.", "NUMBER", "AUTHORIZED SIGNATURE",
    "Authorized Signature", "MP", "AUTHORIZED SIGNATURES", "PAYABLE AT", "PURCHASER", "REMITTER",
    "SIGNATURE ON FILE", "Security features included.", "Details on back.", "NON-NEGOTIABLE",
    "CASHIER'S CHECK", "MONEY ORDER", "OFFICIAL CHECK", "Drawer", "FROM", "ADDRESS", "EXACTLY",
    "THIS CHECK IS VOID WITHOUT A COLORED BACKGROUND", "United States Treasury", "Account Number",
    "Invoice", "Description", "Patient", "Claim", "Vendor", "Total", "Net Amount", "Discount",
    "MM/DD/YYYY", "DD/MM/YYYY", "Y Y Y Y M M D D", "Your policy number", "Phone", "RECEIVED",
)  # fmt: skip
_SHORT = _listed("to of the TO OF THE No. FOR RE MP By Pay DATE Date cents and Memo N.A. x")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December", "Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug",
           "Sept", "Sep", "Oct", "Nov", "Dec")  # fmt: skip
_NUMBERS = _listed(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty "
    "ninety hundred thousand and"
)
_STARTS = (
    _listed(
        "b bl br c ch cl cr d dr f fl fr g gl gr h j k l m n p ph pl pr qu r s sc sh sl sm sn sp "
        "st str t th tr v w wh x y z"
    )
    + ("",) * 6
)
_VOWELS = _listed("a e i o u ai ea ee ie oa oo ou y")
_FEET = _listed("b ck d ff g l ll m n nd ng nt p r rd rk rs s ss st t th tt x") + ("",) * 8
_MARKS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


def _pick(random: Random, choices: tuple[str, ...] | list[str]) -> str:
    return choices[int(random.integers(len(choices)))]


def _figures(random: Random, least: int, most: int) -> str:
    count = int(random.integers(least, most + 1))
    return "".join(str(int(random.integers(10))) for _ in range(count))


def _made_up(random: Random) -> str:
    """A word that may be one: syllables by chance."""
    syllables = (
        _pick(random, _STARTS) + _pick(random, _VOWELS) + _pick(random, _FEET)
        for _ in range(int(random.integers(1, 4)))
    )
    word = "".join(syllables)
    return word.capitalize() if chance(random, 0.6) else word


def _name(random: Random) -> str:
    first = _pick(random, _FIRST) if chance(random, 0.6) else _made_up(random).capitalize()
    last = _pick(random, _LAST) if chance(random, 0.5) else _made_up(random).capitalize()
    initial = chr(65 + int(random.integers(26)))
    form = random.random()
    if form < 0.4:
        return f"{first} {last}"
    if form < 0.6:
        return f"{first} {initial}. {last}"
    if form < 0.75:
        other = _pick(random, _FIRST)
        return f"{first} {_pick(random, ('&', 'and', 'or', '&'))} {other} {last}"
    if form < 0.85:
        return f"{initial}. {last}"
    title = _pick(random, ("Dr.", "Mr.", "Mrs.", "Ms.", "Estate of", "DDS", "MD"))
    return f"{title} {first} {last}"


def _street(random: Random) -> str:
    if chance(random, 0.15):
        return f"{_pick(random, ('P.O. Box', 'PO Box', 'P O BOX', 'Box'))} {_figures(random, 2, 6)}"
    street = _pick(random, _STREETS) if chance(random, 0.6) else _made_up(random).capitalize()
    side = _pick(random, ("", "", "", "N ", "S. ", "West ", "E ", "NW "))
    text = f"{_figures(random, 2, 5)} {side}{street} {_pick(random, _ROADS)}"
    if chance(random, 0.2):
        text += f", {_pick(random, ('Apt', 'Ste', 'Suite', 'Unit', '#'))} {_figures(random, 1, 4)}"
    return text


def _town(random: Random) -> str:
    town = _pick(random, _TOWNS) if chance(random, 0.5) else _made_up(random).capitalize()
    comma = "," if chance(random, 0.8) else ""
    text = f"{town}{comma} {_pick(random, _STATES)}"
    if chance(random, 0.8):
        text += f" {_figures(random, 5, 5)}"
        if chance(random, 0.25):
            text += f"-{_figures(random, 4, 4)}"
    return text


def _phone(random: Random) -> str:
    area, mid, end = _figures(random, 3, 3), _figures(random, 3, 3), _figures(random, 4, 4)
    return _pick(random, (f"({area}) {mid}-{end}", f"{area}-{mid}-{end}", f"{area}.{mid}.{end}",
                          f"Tel. {area} {mid} {end}", f"1-{area}-{mid}-{end}"))  # fmt: skip


def _firm(random: Random) -> str:
    words = [_made_up(random).capitalize() if chance(random, 0.4) else _pick(random, _LAST)]
    words += [_pick(random, _FIRMS) for _ in range(int(random.integers(1, 4)))]
    if chance(random, 0.35):
        words.append(_pick(random, _ENDS))
    return " ".join(words)


def _bank(random: Random) -> str:
    head = _pick(random, _TOWNS) if chance(random, 0.3) else _made_up(random).capitalize()
    first = _pick(random, ("First ", "Second ", "Old ", "The ", "", "", ""))
    text = f"{first}{head} {_pick(random, _BANKS)}"
    return text + (f" of {_made_up(random).capitalize()}" if chance(random, 0.1) else "")


def _amount(random: Random) -> str:
    whole = f"{int(10 ** random.uniform(0.3, 5.2)):,}"
    if chance(random, 0.2):
        whole = whole.replace(",", "")
    stars = "*" * int(random.integers(1, 9)) if chance(random, 0.25) else ""
    sign = _pick(random, ("$", "$", "$ ", "", "", "USD "))
    text = f"{sign}{stars}{whole}.{_figures(random, 2, 2)}"
    return text + (stars[:3] if chance(random, 0.4) else "")


def _words(random: Random) -> str:
    """Number words, with cents over a hundred."""
    count = int(random.integers(2, 7))
    text = " ".join(_pick(random, _NUMBERS) for _ in range(count))
    text = text[:1].upper() + text[1:]
    if chance(random, 0.2):
        text = text.replace("ty ", "ty-").title()
    if chance(random, 0.75):
        cents = _pick(random, ("no", "xx", "00")) if chance(random, 0.2) else _figures(random, 2, 2)
        text += f"{_pick(random, (' and ', ' AND ', ' & ', ' '))}{cents}/100"
    stars = "*" * int(random.integers(2, 12)) if chance(random, 0.2) else ""
    return f"{stars}{text}{_pick(random, ('', '', ' Dollars', ' DOLLARS', stars))}"


def _date(random: Random) -> str:
    day, month = int(random.integers(1, 32)), int(random.integers(1, 13))
    year = int(random.integers(2015, 2035))
    if chance(random, 0.5):
        mark = _pick(random, ("/", "/", "/", "-", "."))
        shown = year if chance(random, 0.6) else f"{year % 100:02d}"
        first = f"{month:02d}{mark}{day:02d}" if chance(random, 0.6) else f"{month}{mark}{day}"
        return f"{first}{mark}{shown}"
    return f"{_pick(random, _MONTHS)} {day}, {year}"


def _number(random: Random) -> str:
    """Check numbers, fractions of a bank, claims, policies, accounts."""
    form = random.random()
    if form < 0.3:
        return _figures(random, 3, 8)
    if form < 0.5:
        low = f"{_figures(random, 2, 4)}{_pick(random, ('/', ' / ', '/'))}{_figures(random, 3, 4)}"
        return f"{_figures(random, 1, 4)}-{low}"
    if form < 0.7:
        letters = "".join(chr(65 + int(random.integers(26))) for _ in range(random.integers(1, 4)))
        return f"{letters}{_pick(random, ('', '-', ' '))}{_figures(random, 4, 10)}"
    if form < 0.85:
        label = _pick(random, ("Acct #", "Claim ", "Inv. ", "No. ", "Policy: ", "ID ", "#", "Ref "))
        return label + _figures(random, 3, 10)
    return "-".join(_figures(random, 2, 5) for _ in range(int(random.integers(2, 4))))


def _loose(random: Random) -> str:
    """Letters, figures and marks in no order, so that every mark is learnt by its own ink."""
    words = []
    for _ in range(int(random.integers(1, 6))):
        low, high = (33, 127) if chance(random, 0.5) else (97, 123) if chance(random, 0.5) else (
            65, 91)  # fmt: skip
        count = int(random.integers(1, 9))
        words.append("".join(chr(int(code)) for code in random.integers(low, high, count)))
        if chance(random, 0.3):
            words[-1] += _pick(random, list(_MARKS))
    return " ".join(words)


def _sentence(random: Random) -> str:
    words = [_made_up(random).lower() if chance(random, 0.6) else
             _pick(random, _FIRMS).lower() for _ in range(int(random.integers(1, 7)))]  # fmt: skip
    words[0] = words[0].capitalize()
    return " ".join(words) + _pick(random, (".", "", ",", ":", ""))


def _short(random: Random) -> str:
    """One or two short words by themselves, as labels and numbers stand on a form."""
    form = random.random()
    if form < 0.35:
        return _figures(random, 1, 4)
    if form < 0.7:
        return _pick(random, _SHORT)
    return _made_up(random)[:3]


_KINDS = (
    (0.12, _name), (0.10, _street), (0.10, _town), (0.02, _phone), (0.10, _firm), (0.07, _bank),
    (0.09, _amount), (0.07, _words), (0.06, _date), (0.08, _number), (0.10, _loose),
    (0.09, _sentence),
)  # fmt: skip


def some_print(random: Random) -> str:
    """What one line says; empty for a crop that holds no type."""
    form = random.random()
    if form < 0.005:
        return ""
    if form < 0.02:
        return _pick(random, ("$", "$", "$", "*", "#", "$ **", "-", "&", "/"))
    if form < 0.05:
        return _short(random)
    if form < 0.14:
        return _pick(random, _LABELS)
    at = random.random() * sum(share for share, _ in _KINDS)
    text = ""
    for share, kind in _KINDS:
        at -= share
        if at < 0:
            text = kind(random)
            break
    if chance(random, 0.22):
        text = text.upper()
    if chance(random, 0.08):
        text = f"{_pick(random, _LABELS)} {text}"
    elif chance(random, 0.25):
        words = text.split()
        first = int(random.integers(len(words))) if words else 0
        text = " ".join(words[first : first + int(random.integers(1, 4))])
    return " ".join(text.split())
