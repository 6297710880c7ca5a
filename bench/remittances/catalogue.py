"""Words for drawn remittances: services with usual charges, payers, practices, plain reasons."""

from __future__ import annotations

from bench.remittances.facts import Party

DENTAL = (
    ("D0120", "Periodic oral evaluation", 6200), ("D0140", "Limited oral evaluation", 8900),
    ("D0150", "Comprehensive oral evaluation - new or established patient", 9800),
    ("D0210", "Intraoral - complete series of radiographic images", 16400),
    ("D0220", "Intraoral - periapical first image", 3400),
    ("D0230", "Intraoral - periapical each additional image", 2700),
    ("D0274", "Bitewings - four images", 7600), ("D0330", "Panoramic image", 13200),
    ("D1110", "Prophylaxis - adult", 11200), ("D1120", "Prophylaxis - child", 8400),
    ("D1206", "Topical application of fluoride varnish", 4500),
    ("D1351", "Sealant - per tooth", 6100),
    ("D2140", "Amalgam - one surface, primary or permanent", 15300),
    ("D2391", "Resin-based composite - one surface, posterior", 19600),
    ("D2392", "Resin-based composite - two surfaces, posterior", 24800),
    ("D2740", "Crown - porcelain/ceramic", 118500), ("D2950", "Core buildup", 28400),
    ("D3330", "Endodontic therapy, molar tooth", 121900),
    ("D4341", "Periodontal scaling and root planing", 26500),
    ("D4910", "Periodontal maintenance", 15100), ("D6010", "Implant body", 214000),
    ("D7140", "Extraction, erupted tooth", 21000), ("D7210", "Extraction, surgical", 33400),
    ("D8080", "Comprehensive orthodontic treatment", 98000),
    ("D9230", "Inhalation of nitrous oxide", 7300),
)  # fmt: skip

MEDICAL = (
    ("99203", "Office visit new patient", 19500), ("99213", "Office visit established", 15800),
    ("99214", "Office visit established, moderate complexity", 22400),
    ("99215", "Office visit established, high complexity", 31200),
    ("36415", "Venipuncture", 1800), ("80053", "Comprehensive metabolic panel", 4600),
    ("80061", "Lipid panel", 5200), ("85025", "Complete blood count", 3900),
    ("81002", "Urinalysis", 1450), ("87880", "Strep A test", 4150),
    ("93000", "Electrocardiogram complete", 7200), ("90471", "Immunization administration", 3100),
    ("90686", "Influenza vaccine, quadrivalent", 4200), ("71046", "Chest X-ray 2 views", 9700),
    ("97110", "Therapeutic exercises", 6400), ("97140", "Manual therapy", 6150),
    ("20610", "Arthrocentesis major joint", 19800), ("11102", "Tangential biopsy of skin", 18300),
    ("17000", "Destruction of premalignant lesion", 14900), ("J1100", "Dexamethasone inj", 1290),
    ("J3420", "Vitamin B12 injection", 1975), ("G0439", "Annual wellness visit", 21600),
    ("96372", "Therapeutic injection", 4875), ("45378", "Diagnostic colonoscopy", 128700),
    ("99396", "Preventive visit 40-64", 25150),
)  # fmt: skip

DENTISTS = (
    "Anita Rao DDS", "Paul Brenner DDS", "Tomas Varga DMD", "Leah Kim DMD", "Oscar Lindqvist DDS",
)  # fmt: skip
PHYSICIANS = (
    "Helen Ostrowski MD", "Marcus Bell MD", "Ruth Achterberg DO", "Samir Haddad MD",
    "Joan Whitfield NP",
)  # fmt: skip

PAYEES = (
    Party("Northgate Dental Group", "1200 Northgate Way Suite 210", "Madison WI 53704",
          "1932145679", "39-2041877"),
    Party("Eastside Family Medicine LLC", "48 E Washington Ave", "Springfield IL 62701",
          "1548273642", "37-1558204"),
    Party("Westfield Dental Associates PC", "905 Westfield Blvd", "Carmel IN 46032",
          "1679576722", "35-2277410"),
    Party("Harbor Point Clinic", "17 Quay Street", "Portland ME 04101",
          "1487654323", "01-0624418"),
)  # fmt: skip

PAYERS = (
    Party("Prairie Mutual Dental Insurance Company", "PO Box 30541", "Omaha NE 68103"),
    Party("Lakeland Health Plan", "PO Box 7704", "Madison WI 53707"),
    Party("Summit Benefit Administrators", "2200 Benefit Parkway", "Denver CO 80202"),
    Party("Keystone Assurance Life and Health", "PO Box 18820", "Harrisburg PA 17105"),
    Party("Bayside Dental Care of California", "PO Box 997330", "Sacramento CA 95899"),
    Party("Great Rivers Employee Health Fund", "410 River Road", "St Louis MO 63101"),
    Party("Tri-County Casualty & Indemnity", "PO Box 5200", "Albany NY 12205"),
    Party("Blue Mesa Health Insurance", "PO Box 21400", "Santa Fe NM 87504"),
)  # fmt: skip

REASONS = {
    "CO-45": "Charge exceeds fee schedule or contracted amount",
    "CO-97": "Included in the payment for another service",
    "CO-18": "Exact duplicate claim or service",
    "CO-29": "The time limit for filing has expired",
    "CO-59": "Processed under multiple procedure rules",
    "CO-253": "Sequestration reduction in federal payment",
    "OA-23": "Impact of prior payer adjudication",
    "PR-1": "Deductible amount", "PR-2": "Coinsurance amount", "PR-3": "Co-payment amount",
    "PR-96": "Non-covered charge", "PR-119": "Benefit maximum has been reached",
    "PR-204": "Not covered under the patient's current benefit plan",
}  # fmt: skip

REMARKS = ("M15", "N30", "N362", "MA01", "N130", "N620", "M80", "N19")
MODIFIERS = ("25", "59", "RT", "LT", "76", "GP", "QW", "50")
