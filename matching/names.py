"""Names of people as readers see them: folded forms, nicknames, and who stands on a check."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Letters and digits that OCR and handwriting confuse fall together; pairs come first.
_PAIRS = (("RN", "M"), ("VV", "W"))
_SINGLES = str.maketrans(
    {
        "0": "O", "Q": "O", "D": "O", "1": "I", "L": "I", "J": "I", "T": "I", "5": "S", "8": "B",
        "2": "Z", "6": "C", "G": "C", "V": "U", "Y": "U", "F": "E", "H": "N", "K": "X", "4": "A",
        "9": "P", "7": "I", "3": "B",
    }
)  # fmt: skip
_DOUBLES = re.compile(r"(.)\1+")
_WORD = re.compile(r"[A-Z0-9]+(?:[-'][A-Z0-9]+)*")
_TITLE_WORDS = "MR MRS MS MISS DR REV HON SIR JR SR II III IV MD DDS DMD PHD ESQ TTEE TRUSTEE POD"
_TITLES = frozenset(_TITLE_WORDS.split())
_JOINERS = re.compile(r"\s*(?:&|\+|/|;|\n|\bAND\b|\bOR\b)\s*")
_BUSINESS_WORDS = (
    "LLC INC CORP CO COMPANY LTD LLP PLLC PC INSURANCE BENEFITS HEALTH PLAN SERVICES TRUST BANK "
    "DENTAL MUTUAL ALLIANCE ADMINISTRATORS FUND CHURCH SCHOOL ASSOCIATES GROUP PARTNERS"
)
_BUSINESS = frozenset(_BUSINESS_WORDS.split())
_NICKNAMES = (
    "WILLIAM BILL BILLY WILL WILLIE LIAM", "ROBERT BOB BOBBY ROB ROBBIE BERT",
    "RICHARD RICK DICK RICH RICKY", "JAMES JIM JIMMY JAMIE", "JOHN JACK JOHNNY JON",
    "CHARLES CHUCK CHARLIE CHAS", "THOMAS TOM TOMMY THOS", "MICHAEL MIKE MICKEY MIKEY",
    "JOSEPH JOE JOEY", "DANIEL DAN DANNY", "MATTHEW MATT", "ANTHONY TONY", "DONALD DON DONNIE",
    "STEVEN STEVE", "STEPHEN STEVE", "ANDREW ANDY DREW", "JOSHUA JOSH", "KENNETH KEN KENNY",
    "TIMOTHY TIM", "RONALD RON RONNIE", "EDWARD ED EDDIE TED NED", "JEFFREY JEFF",
    "NICHOLAS NICK", "JONATHAN JON", "LAWRENCE LARRY", "GREGORY GREG", "SAMUEL SAM",
    "BENJAMIN BEN", "ALEXANDER ALEX AL SASHA", "PATRICK PAT", "RAYMOND RAY", "DENNIS DENNY",
    "NATHAN NATE", "ZACHARY ZACH ZACK", "DOUGLAS DOUG", "PETER PETE", "WALTER WALT",
    "GERALD GERRY JERRY",
    "HAROLD HAL HARRY", "ARTHUR ART", "HENRY HANK HARRY", "ALBERT AL BERT", "FREDERICK FRED",
    "PHILIP PHIL", "VINCENT VINCE", "EUGENE GENE", "LEONARD LEN LENNY", "FRANCIS FRANK",
    "CHRISTOPHER CHRIS", "CHRISTIAN CHRIS", "CHRISTINA CHRIS TINA", "CHRISTINE CHRIS TINA",
    "ELIZABETH LIZ BETH BETTY BETSY LIZZIE ELIZA", "MARGARET PEGGY MAGGIE MEG MARGE RITA",
    "PATRICIA PAT PATTY TRISH TRICIA", "JENNIFER JEN JENNY", "BARBARA BARB BABS",
    "SUSAN SUE SUSIE", "JESSICA JESS JESSIE", "SARAH SALLY SADIE", "NANCY NAN", "SANDRA SANDY",
    "DEBORAH DEB DEBBIE", "KIMBERLY KIM", "MICHELLE SHELLY", "AMANDA MANDY", "MELISSA MISSY",
    "STEPHANIE STEPH", "REBECCA BECKY", "LAURA LAURIE", "CYNTHIA CINDY", "KATHLEEN KATHY KATE",
    "KATHERINE KATHY KATE KATIE KAY", "CATHERINE CATHY KATE", "PAMELA PAM", "NICOLE NIKKI",
    "SAMANTHA SAM", "JACQUELINE JACKIE", "VICTORIA VICKY TORI", "THERESA TERRY TESS",
    "TERESA TERRY TESS", "JUDITH JUDY", "JANET JAN", "JANICE JAN", "ABIGAIL ABBY", "ALICE ALLIE",
    "FRANCES FRAN", "DOROTHY DOT DOTTIE", "VIRGINIA GINNY", "EVELYN EVE", "MARTHA MARTY",
)  # fmt: skip
_GROUPS: dict[str, frozenset[int]] = {}
for _number, _line in enumerate(_NICKNAMES):
    for _name in _line.split():
        _GROUPS[_name] = _GROUPS.get(_name, frozenset()) | {_number}
_LONG: dict[str, list[str]] = {}
for _line in _NICKNAMES:
    for _name in _line.split()[1:]:
        _LONG.setdefault(_name, []).append(_line.split()[0])


@dataclass(frozen=True, slots=True)
class Person:
    """A first name (possibly an initial, or empty) and a last name, upper case."""

    first: str
    last: str


def plain(text: str) -> str:
    """Upper case without accents: ``Núñez`` is ``NUNEZ``."""
    if text.isascii():
        return text.upper()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).upper()


@lru_cache(maxsize=65_536)
def skeleton(text: str) -> str:
    """Letters and digits with those that readers confuse folded together, doubles single.

    Two texts with one skeleton may be the same word misread; the skeleton is no word itself.
    """
    letters = plain(text)
    if not (letters.isascii() and letters.isalnum()):
        letters = "".join(c for c in letters if c.isascii() and c.isalnum())
    for pair, single in _PAIRS:
        letters = letters.replace(pair, single)
    return _DOUBLES.sub(r"\1", letters.translate(_SINGLES))


@lru_cache(maxsize=1024)
def people(text: str) -> tuple[Person, ...]:
    """The persons a name line names: ``JOHN A & MARY SMITH`` is John Smith and Mary Smith.

    ``Smith, John`` is turned round. Titles, suffixes and middle names are dropped. A business
    or an empty line gives none.
    """
    upper = plain(text)
    if _BUSINESS & set(_WORD.findall(upper)):
        return ()
    found = [_one(part) for part in _JOINERS.split(upper) if part.strip()]
    persons = [person for person in found if person is not None]
    family = next((p.last for p in reversed(persons) if p.last), "")
    if not family:
        # One word alone is likelier a last name than a first one.
        return tuple(Person("", person.first) for person in persons[:1])
    return tuple(person if person.last else Person(person.first, family) for person in persons)


def _one(text: str) -> Person | None:
    if "," in text:
        last, _, first = text.partition(",")
        words = [word for word in _WORD.findall(first) if word not in _TITLES]
        if words:
            return Person(words[0], _joined(last))
        text = last
    words = [word for word in _WORD.findall(text) if word not in _TITLES]
    if not words:
        return None
    if len(words) == 1:
        # Alone between joiners: the first name of a couple whose last name stands once.
        return Person(words[0], "")
    if len(words[-1]) == 1 and len(words) == 2:
        return Person(words[0], "")
    return Person(words[0], words[-1])


def _joined(text: str) -> str:
    return " ".join(word for word in _WORD.findall(text) if word not in _TITLES)


def long_forms(first: str) -> tuple[str, ...]:
    """The names a nickname may stand for: ``BOB`` gives ``ROBERT``; a full name gives none."""
    return tuple(_LONG.get(first, ()))


def is_business(text: str) -> bool:
    """Whether a name line names a firm, an insurer or a fund."""
    return bool(_BUSINESS & set(_WORD.findall(plain(text))))


def same_by_nickname(one: str, other: str) -> bool:
    """Whether two first names may name one person: ``BILL`` and ``WILLIAM``."""
    return bool(_GROUPS.get(one, frozenset()) & _GROUPS.get(other, frozenset()))
