"""More names of a remittance's columns and labels: those that few kinds of payers print."""

from __future__ import annotations

from collections.abc import Mapping

from ocr.remittance_service_names import OF_SERVICES

# In the spelling of `labels.tokens`, as in `remittance_lexicon.ROLES`, which wins where both tell.
MORE: Mapping[str, tuple[str, ...]] = {
    **OF_SERVICES,
    "patient_name": (
        "participant", "participant name", "patient's full name", "full name",
        "name of insured patient", "patient last name first name", "last name first name",
        "last first", "dependent", "dependent name", "veteran", "veteran name", "enrollee name",
        "insured patient", "patient member", "member patient", "name of member",
        "name of recipient", "name of client", "employee patient", "patient relationship",
        "claimant", "claimant name", "services for", "for services to", "care for", "treatment of",
        "patient treated", "covered member", "injured worker", "injured employee", "injured party",
        "injured person",
    ),
    "patient_account": (
        "your ref", "your ref number", "your reference number", "provider reference",
        "provider ref", "provider ref number", "provider reference number", "patient acct",
        "pt acct", "pt account number", "pat acct number", "pat ctrl number",
        "patient ctrl number", "pat control", "pt control number", "pt number", "account ref",
        "account reference", "office ref", "office reference", "office chart", "patient chart",
        "patient chart number", "pms number", "medical record", "medical record number", "mrn",
        "med rec number", "med rec", "your claim number", "your patient account",
        "your patient account number", "provider acct", "provider acct number",
        "provider patient number", "provider control number", "provider claim number",
        "external id", "patient acnt", "pcn number", "provider own reference", "own reference",
        "ref patient", "claim submitter id", "submitter id", "your control number",
        "your claim control number", "your number", "your record number", "office record",
        "office record number",
    ),
    "member_id": (
        "alt id", "employee alt id", "employee alternate id", "member alt id", "health id",
        "health plan id", "health insurance id", "plan member id", "insured no", "cert",
        "cert id", "certificate id", "participant id", "participant number", "enrollee id",
        "enrollee number", "subs id", "subs number", "subscr id", "subscriber no", "sub number",
        "mem id", "mem number", "mbr id", "mbr number", "mbr no", "insured's id",
        "insured's number", "ins id", "insurance id", "insurance number", "hicn number",
        "mbi number", "medicare mbi", "medicaid number", "medicaid id number", "recip id",
        "client number", "case id", "cin", "person number", "id card", "alternate id", "unique id",
        "member ident", "member hicn", "policy holder id", "policyholder id", "employee id",
        "employee number", "employee ssn", "veteran id", "edipi", "icn veteran", "sponsor id",
        "sponsor number", "beneficiary number", "benefits id", "group member number", "plan id",
        "plan member number", "dependent id", "wid", "umi", "prefix id", "contract id",
    ),
    "claim_number": (
        "claim key", "claim nbr", "claim serial number", "claim trace number", "payer claim no",
        "claim ref no", "claim ctrl number", "document no", "our ref", "our ref number",
        "our reference number", "payer reference", "payer ref number", "payer claim control",
        "payer icn", "claim no", "claim ref", "claim ref number", "claim icn", "claim dcn",
        "claim tcn", "clm number", "clm id", "claim identifier", "claim id number",
        "internal number", "ticket number", "transaction control number", "transaction reference",
        "our number", "our control number", "our claim control number", "bill control number",
        "bill number", "bill id", "our file", "our file number", "file number", "audit number",
        "sequence number", "claim sequence number", "carrier claim number",
        "carrier control number", "carrier reference", "plan claim number",
        "claim document number", "document id", "inventory number", "invoice number",
        "batch claim number", "cntl number", "ctl number", "claim ctl number", "icn ctl",
        "record number", "authorization claim number", "edi number", "fcn", "ctn", "pcn claim",
        "image number", "xref icn", "reg claim number",
    ),
    "provider_name": (
        "rendering npi", "treating provider name", "treating dentist name",
        "rendering provider name", "rendering dentist", "performing dentist",
        "service rendered by", "provider of service", "rendering physician", "attending provider",
        "attending physician", "servicing doctor", "therapist", "seen by", "provided by",
        "treated at", "doctor name", "physician name", "rend provider", "rend prov", "perf prov",
        "rendering prov", "serv prov", "svc prov", "treating prov",
    ),
    "line_number": (
        "li", "li number", "line no", "line item", "item number", "seq", "seq number", "svc line",
        "service line", "service line number", "dtl", "detail number", "dtl no",
    ),
    "group": (
        "cagc", "adj grp", "adj group", "gc", "group cd", "grp code",
    ),
    "units": (
        "quantity", "quantities", "unit count", "units billed", "billed units", "paid units",
        "units paid", "units of service", "svc units", "nbr svcs", "number services",
        "number of services", "number of service", "time units", "svs", "srvs", "mins", "minutes",
        "qnty", "u s", "num svcs", "occ", "occurrences", "allowed units", "freq", "frequency",
    ),
    "tooth": (
        "tooth no", "tth number", "tooth range", "tooth letter", "teeth", "tooth teeth",
        "surfaces", "tooth surfaces", "tooth or quad", "quadrant", "quad arch",
        "tooth area surface", "oral area", "area of mouth", "mouth", "tooth no surface", "th no",
        "th num", "tooth id", "sf", "srf", "surfc", "tooth quadrant arch", "tooth number surface",
        "tooth surface number", "tooth number letter",
    ),
    "description": (
        "procedure description code", "service rendered", "services rendered", "what was done",
        "description of services", "service provided", "services provided",
        "treatment description", "treatment rendered", "procedure desc", "service desc", "desc",
        "kind of service", "kind of treatment", "type of treatment", "service category",
        "benefit category", "procedure text", "item description", "place of svc", "pl of svc",
        "pos tos", "tos pos", "nature of service", "nature of treatment", "care received",
    ),
    "rate": (
        "pay %", "paid percent", "cov %", "benefit rate", "percent covered", "percent payable",
        "percent paid", "plan pct", "pct paid", "pct covered", "coins %", "coinsurance %",
        "payment %", "coverage percent", "percent of allowed", "% of allowed", "covered at",
        "pays at", "plan pay %", "reimbursement %", "allowed %", "copay %", "coinsurance percent",
        "coinsurance rate",
    ),
}  # fmt: skip
