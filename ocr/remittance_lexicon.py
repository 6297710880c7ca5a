"""What payers call the columns and labels of a remittance: the names of each role."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from ocr.labels import tokens
from ocr.remittance_names import MORE

# Names in the spelling of `labels.tokens`. A payer's own words for the same thing.
ROLES: Mapping[str, tuple[str, ...]] = {
    "service_on": ("service date", "date of service", "date service", "dos", "date", "service",
                   "from date", "from", "service from", "date from", "date from to", "from to",
                   "date of service from", "begin date", "start date", "treatment date",
                   "date performed", "date of treatment", "service period", "date rendered",
                   "from thru", "first date", "serv date", "performed", "service begin date",
                   "date completed", "completed", "rendered", "service rendered",
                   "date service rendered", "date of service from to"),
    "service_end_on": ("to date", "to", "thru", "through", "thru date", "end date", "service to",
                       "service thru", "date to", "date thru", "last date", "service end date"),
    "procedure_code": ("procedure", "procedure code", "code", "cpt", "cpt code", "ada code",
                       "cdt", "cdt code", "service code", "hcpcs", "cpt hcpcs", "procedure number",
                       "cpt hcpcs code", "hcpc", "rev procedure", "procedure mod", "cpt cdt",
                       "procedure cpt", "procedure modifier", "code modifier", "service code mod",
                       "cpt mod", "hcpcs mod", "billing code", "procedure code mod", "ada",
                       "ada procedure", "treatment code", "cdt cpt", "cdt cpt code", "hcpcs cpt",
                       "procedure code modifier", "hcpc mod", "procedure id", "service procedure",
                       "cpt4", "item code"),
    "modifiers": ("mod", "modifier", "mods", "modifiers", "md"),
    "charged_cents": ("billed", "billed amount", "charge", "charge amount", "amount billed",
                      "submitted", "submitted amount", "submitted charge", "total charge",
                      "amount charge", "fee", "billed charge", "amount submitted",
                      "provider charge", "fee charge", "submitted fee", "dentist fee",
                      "gross", "gross charge", "gross amount", "fee submitted", "your fee",
                      "your charge", "claimed", "claimed amount", "amount claimed", "billed fee",
                      "total billed", "requested", "amount requested", "requested amount",
                      "dentist charge", "provider fee", "charge submitted", "expense",
                      "total submitted", "full fee", "usual fee", "office fee", "list fee",
                      "expense submitted", "charge billed", "provider billed", "ucr fee",
                      "dentist submitted", "dentist submitted fee", "you billed", "you charge",
                      "your billed amount", "amount of charge", "total fee", "original charge"),
    "allowed_cents": ("allowed", "allowed amount", "amount allowed", "approved",
                      "approved amount", "amount approved", "eligible", "eligible amount",
                      "covered amount", "covered", "plan allowance", "contract amount",
                      "negotiated rate", "allowable", "allowance", "maximum allowed",
                      "allowed fee", "approved fee", "covered charge", "allowable amount",
                      "contract rate", "contracted rate", "contracted fee", "plan fee",
                      "fee schedule", "schedule amount", "maximum allowance", "alw", "allw", "alwd",
                      "elig", "appr",
                      "recognized",
                      "eligible charge", "eligible expense", "covered expense", "plan allowed",
                      "repriced", "repriced amount", "accepted fee", "network fee", "mac",
                      "maximum plan allowance", "allowed charge", "negotiated fee", "benefit basis",
                      "considered", "amount considered", "considered amount", "accepted",
                      "recognized charge", "recognized amount", "agreed fee", "agreed rate",
                      "contract fee", "plan approved", "considered charge", "fee allowed",
                      "fee approved", "reasonable and customary", "maximum approved fee",
                      "network allowance", "contract allowed", "we allowed", "covered fee",
                      "plan rate", "network rate", "plan maximum", "plan max",
                      "contracted amount", "usual and customary"),
    "discount": ("discount", "contractual", "contractual adjustment", "write off", "writeoff",
                 "provider discount", "network discount", "provider responsibility",
                 "discount amount", "network savings", "contract adjustment", "savings",
                 "contractual obligation", "provider adjustment", "ppo discount", "ppo savings",
                 "provider write off", "contractual write off", "fee reduction", "reduction",
                 "over fee schedule", "over allowed", "exceeds allowed", "contractual amount",
                 "plan discount", "contract discount", "contractual discount", "co 45",
                 "provider savings", "disallowed provider", "contract write off", "plan savings",
                 "negotiated discount", "negotiated savings", "member savings", "network reduction",
                 "fee adjustment", "you write off", "fee difference", "provider reduction",
                 "provider courtesy", "courtesy", "ppo reduction", "contractual reduction"),
    "reasons": ("adjustment code amount", "reason code", "grp rc amount", "group reason",
                "adjustment code", "group code amount", "group reason amount", "reason",
                "remark code", "remarks",
                "adjustment reason", "grp rc", "notes", "remark",
                "carc", "group carc", "code amount", "rc amount", "grp carc", "note",
                "see note", "explanation code", "message code", "message", "eob code", "ex code",
                "explanation", "rmk", "rmks", "reason amount", "adjustment remarks", "rc",
                "footnote", "see remarks", "reason remark", "reason remark code",
                "carc amount", "ansi code", "ansi", "claim adjustment reason code", "ex",
                "adjustment detail", "cas", "reason group", "carc rarc", "rarc", "group rc",
                "adjustment group reason", "denial code", "eob", "pay code", "msg", "remarks code"),
    "adjusted": ("adjustment", "adjustment amount", "adjusted", "amount adjusted",
                 "total adjustment", "adjusted amount", "reason code amount"),
    "deductible": ("deductible", "deductible amount", "deductible applied", "applied to deductible",
                   "patient deductible", "less deductible", "applied deductible",
                   "member deductible", "plan deductible"),
    "coinsurance": ("coinsurance", "coinsurance amount", "patient coinsurance",
                    "member coinsurance", "less coinsurance", "coinsurance share",
                    "patient %", "patient percent", "member %", "patient percentage"),
    "copay": ("copay", "copay amount", "patient copay", "member copay", "office copay",
              "less copay", "visit copay"),
    "not_covered": ("not covered", "non covered", "noncovered", "ineligible", "not allowed",
                    "disallowed", "not payable", "ineligible amount", "non covered amount",
                    "not covered amount", "excluded", "non covered charge", "excluded amount",
                    "denied", "denied amount", "amount denied", "amount not covered",
                    "disallowed amount", "not eligible", "non allowed", "charge not covered",
                    "ineligible charge", "noncovered amount", "noncovered charge",
                    "unallowed", "rejected", "rejected amount", "non eligible", "not a benefit",
                    "n c",
                    "nc", "not benefit", "non benefit", "no benefit", "denied charge",
                    "noncov", "n cov", "not benefited"),
    "other_paid": ("other insurance", "other insurance paid", "cob", "other carrier",
                   "primary paid", "other paid", "cob paid", "other coverage", "other plan paid",
                   "prior paid", "other payer", "other payer paid", "primary payment",
                   "cob amount", "medicare paid", "other insurance amount", "prior payer paid",
                   "primary insurance", "primary insurance paid", "other insurance payment",
                   "oi paid", "primary carrier paid", "other carrier paid", "primary plan paid",
                   "primary payer paid", "paid by primary", "paid by other", "other plan",
                   "prior insurance paid", "paid by other insurance", "primary carrier"),
    "interest": ("interest", "interest paid", "interest amount"),
    "withheld": ("withhold", "withheld", "withhold amount", "risk withhold"),
    "shared_cost": ("deductible copay", "copay deductible", "deductible coinsurance",
                    "copay coinsurance", "coinsurance copay", "deductible coinsurance copay",
                    "deductible copay coinsurance", "copay coinsurance deductible", "cost share",
                    "cost sharing", "copay deductible coinsurance", "coinsurance deductible"),
    "patient_responsibility_cents": (
        "patient responsibility", "you may bill", "patient owes", "patient balance",
        "member responsibility", "patient share", "your responsibility", "patient liability",
        "patient pays", "subscriber liability", "member owes", "patient amount",
        "patient portion", "subscriber responsibility", "total patient responsibility",
        "member liability", "member share", "patient cost", "patient cost share", "patient due",
        "due from patient", "patient payment", "bill patient", "balance patient", "patient total",
        "patient payable", "member cost", "member pays", "patient obligation", "member cost share",
        "enrollee pays", "insured responsibility", "patient resp amount", "amount patient owes",
        "owed by patient", "patient may owe", "patient responsibility amount", "member amount",
        "total patient", "collect from patient", "patient to pay", "member portion",
        "balance due from patient", "due patient", "patient owe", "pat owes",
        "subscriber pays", "subscriber share", "subscriber owes", "member balance",
        "family owes", "billable to patient", "bill to patient", "your patient owes",
        "amount owed by patient", "patient contribution", "member obligation"),
    "paid_cents": ("paid", "paid amount", "payment", "plan paid", "amount paid", "benefit",
                   "benefit paid", "net paid", "provider paid", "payment amount", "plan pays",
                   "insurance paid", "benefits paid", "plan payment", "benefits", "we paid",
                   "total paid", "benefit amount", "payable", "amount payable", "net payment",
                   "paid to provider", "total payment", "net benefit", "net amount", "we pay",
                   "plan benefit", "benefits payable", "benefit payable", "benefit payment",
                   "net payable", "paid by plan", "plan paid amount", "our payment", "disbursed",
                   "claim payment", "payment to provider", "reimbursement",
                   "reimbursed", "amount reimbursed", "insurance payment", "paid benefit",
                   "line paid", "line payment", "payer paid", "carrier paid", "remitted",
                   "amount remitted", "benefits amount", "dental benefit", "total benefit",
                   "benefit issued", "issued", "net provider payment", "paid by us",
                   "our share", "plan share", "dental paid", "settled", "settlement",
                   "insurer paid", "insurer pays", "provider payment", "net pay", "net remitted"),
    "patient_name": ("patient", "patient name", "name", "name of patient", "member", "member name",
                     "subscriber patient", "patient's name", "patient last first", "beneficiary",
                     "beneficiary name", "patient first last", "for patient", "name patient",
                     "recipient", "recipient name", "client", "client name", "covered person"),
    "patient_account": ("patient account", "patient account number", "account number", "account",
                        "acnt", "patient control number", "patient number", "acnt number",
                        "provider account", "your account", "your account number", "office account",
                        "chart number", "chart", "your reference", "patient control", "pcn",
                        "patient id", "patient reference", "your patient number",
                        "provider patient account", "office account number", "your file",
                        "your file number"),
    "member_id": ("member id", "subscriber id", "member number", "mid", "hic", "id number",
                  "member id number", "subscriber number", "insured id", "policy number",
                  "subscriber id number", "hicn", "mbi", "id", "certificate number",
                  "insured id number", "policy id", "identification number", "contract number",
                  "insured number", "member policy", "certificate", "hic number", "cert number",
                  "beneficiary id", "subscriber", "member policy number", "plan id number",
                  "insured", "card number",
                  "d number", "wd number", "dd number", "ld number",  # ID No. misread
                  "member no", "id card number", "policy",
                  "recipient id", "recipient number", "client id", "medicaid id", "medicare id",
                  "medicare number", "recipient id number", "member identifier", "sub id"),
    "claim_number": ("claim number", "claim", "claim id", "icn", "control number", "icn number",
                     "claim control number", "document number", "claim reference number", "dcn",
                     "reference number", "claim reference", "our claim number", "tcn",
                     "document control number", "payer claim number", "our reference",
                     "claim control", "case number", "internal control number", "ccn",
                     "payer control number", "payer claim control number", "transaction id"),
    "provider_name": ("provider", "rendering provider", "treating dentist", "perf provider",
                      "provider name", "treating provider", "dentist", "performing provider",
                      "physician", "rendering", "doctor", "dentist name", "rendered by",
                      "servicing provider", "service provider", "attending", "treating doctor",
                      "practitioner", "clinician", "treated by", "service of",
                      "service by", "servicing dentist", "billing dentist", "performed by"),
    "line_number": ("ln", "line", "line number", "ln number", "item"),
    "group": ("group", "grp", "group code", "grp cd", "adjustment group", "cas group"),
    "units": ("units", "service units", "number of units", "un", "days units", "nos", "days",
              "count", "times"),
    "tooth": ("tooth", "tooth number", "th", "surface", "surf", "tooth surface", "area", "tth",
              "tooth area", "quad", "tooth code", "tooth surf", "oral cavity", "tooth quad", "arch",
              "th surf", "tooth code surface", "sur", "tooth quadrant"),
    "description": ("description", "service description", "procedure description",
                    "description of service", "type of service", "treatment", "service type",
                    "procedure name", "tos", "description of treatment",
                    "service performed", "description of procedure", "pos", "place of service"),
    "rate": ("percent", "%", "plan %", "benefit %", "benefit percent", "covered %", "pct", "rate",
             "paid at", "benefit level", "coverage %", "plan percent", "% paid", "co %",
             "% covered", "paid %", "coverage", "plan pays %", "payable at", "percentage"),
}  # fmt: skip

_PHRASES: dict[tuple[str, ...], str] = {
    tuple(tokens(name)): role
    for names_of in (MORE, ROLES)
    for role, names in names_of.items()
    for name in names
}
_STROKES = str.maketrans("l1|!0", "iiiio")


def _drawn(name: tuple[str, ...]) -> str:
    """A name with letters that print alike as one: ``Pald`` is drawn like ``Paid``."""
    return " ".join(name).translate(_STROKES).replace("rn", "m")


_ALIKE = {_drawn(phrase): role for phrase, role in _PHRASES.items()}
LONGEST = max(len(phrase) for phrase in _PHRASES)
"""Words in the longest name."""
_FILLERS = frozenset(
    {"amount", "and", "see", "the", "of", "total", "your", "s", "this", "by", "dollars", "usd"}
)
_SHARES = frozenset({"deductible", "coinsurance", "copay"})
_CODE_WORDS = frozenset({"reason", "remark", "remarks", "carc", "rarc", "cause", "expl"})
_OTHER_WORDS = frozenset({"other", "primary", "cob", "prior"})
_PATIENT_WORDS = frozenset({
    "patient", "member", "subscriber", "insured", "enrollee", "family", "participant", "client",
    "participant's", "recipient", "beneficiary", "veteran", "member's", "employee", "employee's",
})  # fmt: skip
_PAYERS = frozenset({
    "plan", "fund", "trust", "payer", "carrier", "insurer", "insurance", "company", "we", "agency",
    "state", "medicaid", "medicare", "va", "program", "network", "union", "our", "plan's", "tpa",
    "payer's", "dental", "group", "us",
})  # fmt: skip
_PAYER_GIVES = frozenset({
    "paid", "pays", "pay", "share", "part", "portion", "payment", "liability", "remits",
    "reimburses", "benefit",
})  # fmt: skip
_CHARGERS = frozenset({"doctor", "doctor's", "dentist", "dentist's", "provider", "provider's",
                       "physician", "physician's", "clinic", "office"})  # fmt: skip
_OWED_WORDS = frozenset({
    "owe", "owes", "owed", "due", "balance", "liability", "responsibility", "share", "pay", "pays",
    "portion", "obligation", "cost", "liable", "bill", "part", "pmt",
})  # fmt: skip
_NOT_WORDS = frozenset({"not", "non", "un", "dis"})
_OVER_WORDS = frozenset({"over", "exceeds", "above"})
_OFF_WORDS = frozenset({
    "discount", "writeoff", "reduction", "savings", "contractual", "courtesy", "concession",
})  # fmt: skip
_ALLOWED_WORDS = frozenset({
    "allowed", "approved", "eligible", "allowance", "considered", "covered", "allowable",
    "accepted", "recognized", "negotiated", "repriced", "maximum",
})  # fmt: skip
_PAID_WORDS = frozenset({
    "paid", "payable", "benefit", "benefits", "payment", "pays", "reimbursement", "reimbursed",
    "remitted", "disbursed",
})  # fmt: skip
_CHARGED_WORDS = frozenset({"billed", "submitted", "charge", "claimed", "gross", "requested"})
_PRICED = frozenset({"price", "cost", "amount", "charge", "fee", "rate", "per"})
_FEES = re.compile(r"\bfees\b", re.IGNORECASE)
_OF_WHOM = re.compile(r"(?<=\w) (for|of) (this|the) (patient|claim|member)\b", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z]{2})")
_INNER_L = re.compile(r"(?<=[A-Za-z])l(?=[A-Za-z])")
_NUMBERED = re.compile(r"\s*#?\b[1-9ZIl]$")  # also as a scan has 2 and 1
_HYPHENED = re.compile(r"\b([A-Za-z]{2,})- (?=[A-Za-z])")  # a word cut at the line's end
_SPLIT = re.compile(r"[/&+]| and ")
WORDS = frozenset(word for phrase in _PHRASES for word in phrase)
"""The words of all names, in their one spelling."""
_OPENERS = frozenset(phrase[0] for phrase in _PHRASES)


@lru_cache(maxsize=65536)
def spelled(text: str) -> tuple[str, ...]:
    """A word in the lexicon's spelling."""
    return tuple(tokens(text))


@lru_cache(maxsize=65536)
def role_of(name: tuple[str, ...]) -> str | None:
    """The role of a name, one misread letter in a long name forgiven; None when unknown."""
    role = _PHRASES.get(name)
    if role is not None or not name or len(name) > LONGEST:
        return role
    role = _ALIKE.get(_drawn(name))
    if role is not None or sum(map(len, name)) < 7:
        return role
    found = [
        at
        for place in range(len(name))
        for at in _BUT_ONE.get((place, _without(name, place)), ())
        if _misread(name[place], _LISTED[at][place])
    ]
    return _PHRASES[_LISTED[min(found)]] if found else None


def _misread(word: str, right: str) -> bool:
    """Whether a word is a long word with one letter misread."""
    return len(right) >= 5 and Levenshtein.distance(word, right, score_cutoff=1) <= 1


def _without(name: tuple[str, ...], place: int) -> tuple[str, ...]:
    return name[:place] + name[place + 1 :]


_LISTED = tuple(_PHRASES)
_BUT_ONE: dict[tuple[int, tuple[str, ...]], list[int]] = {}
"""The names that are the same but for the word at a place, by their place in the list."""
for _at, _phrase in enumerate(_LISTED):
    for _place in range(len(_phrase)):
        _BUT_ONE.setdefault((_place, _without(_phrase, _place)), []).append(_at)


@lru_cache(maxsize=16384)
def column_role(head: str) -> str | None:
    """The role of a column by its whole head, or by the words of a long head that give it away."""
    role = known_role(head)
    name = tuple(tokens(_HYPHENED.sub(r"\1", head)))
    if role is not None or len(name) > 6:
        return role
    counts = "units" in name and _PRICED.isdisjoint(name)
    told = "units" if counts else _by_words(frozenset(name))
    several = sum(bool(part.strip()) for part in _SPLIT.split(head)) > 1
    return "shared_cost" if told in _SHARES and several else told  # the others were misread


@lru_cache(maxsize=16384)
def known_role(head: str) -> str | None:
    """The role of a column by its whole head, words that say nothing left out.

    ``Deduct/Copay`` is ``shared_cost``: a part of the patient's share without its kind;
    ``Rsn 2`` is a second column of reasons.
    """
    head = _NUMBERED.sub("", _HYPHENED.sub(r"\1", head))
    head = _FEES.sub("fee", _OF_WHOM.sub("", head))
    name = tuple(tokens(head))
    if not name:
        return None
    role = role_of(name)
    if role is not None:
        return role
    if len(set(name) & _SHARES) >= 2 and not set(name) - _SHARES - _FILLERS:
        return "shared_cost"
    kept = tuple(part for part in name if part not in _FILLERS)
    if kept and kept != name:
        role = role_of(kept)
        if role is not None:
            return role
    apart = _CAMEL.sub(" ", head)  # AdjAmt: a space that was not read
    if apart != head:
        return known_role(apart)
    turned = _INNER_L.sub("i", head)  # Colns
    if turned != head and (role := role_of(tuple(tokens(turned)))) is not None:
        return role
    if len(head) > 3 and head[-1] in "lI|":  # a number read as a letter: Rsnl
        return known_role(head[:-1])
    return _compound(head)


def _by_words(name: frozenset[str]) -> str | None:
    """The role that single words of a long head give away, when they give one away."""
    if name & _CODE_WORDS:
        return "reasons"
    if name & _OTHER_WORDS and name & (_PAID_WORDS | {"insurance", "amount", "carrier"}):
        return "other_paid"
    if name & _PATIENT_WORDS:
        return "patient_responsibility_cents" if name & _OWED_WORDS else None
    if (whose := _by_owner(name)) is not None:
        return whose
    shares = name & _SHARES
    if shares:
        return "shared_cost" if len(shares) > 1 else min(shares)
    if name & (_NOT_WORDS | _OVER_WORDS) and name & (_ALLOWED_WORDS | _PAID_WORDS):
        over = name & _OVER_WORDS and name & _ALLOWED_WORDS - {"maximum"}
        return "discount" if over else "not_covered"
    found = {
        role
        for role, words in (
            ("discount", _OFF_WORDS), ("allowed_cents", _ALLOWED_WORDS),
            ("paid_cents", _PAID_WORDS), ("charged_cents", _CHARGED_WORDS),
        )
        if name & words
    }  # fmt: skip
    if found == {"allowed_cents", "charged_cents"}:
        return "allowed_cents"  # covered charges
    return found.pop() if len(found) == 1 else None


def _by_owner(name: frozenset[str]) -> str | None:
    """The role of a head that says whose amount it is: ``Fund Pays``, ``Doctor's Fee``."""
    if name & _PAYERS and name & _PAYER_GIVES and name <= _PAYERS | _PAYER_GIVES:
        return "paid_cents"
    if {"write", "off"} <= name:
        return "discount"
    charges = len(name) == 2 and name & _CHARGERS and name & {"fee", "charge"}
    return "charged_cents" if charges else None


def _compound(head: str) -> str | None:
    """The role of a head of two names, where both name the same thing or one is a mere kind."""
    parts = [part.strip() for part in _SPLIT.split(head) if part.strip()]
    roles = {known_role(part) for part in parts} if len(parts) >= 2 else set()
    return roles.pop() if len(roles) == 1 else None


def may_open(word: str) -> bool:
    """Whether a name of the lexicon may begin with this word: the cheap first look."""
    name = spelled(word)
    return bool(name) and (name[0] in _OPENERS or len(name[0]) >= 6)
