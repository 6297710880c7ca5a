"""Invented people and places: first and last names, streets, and towns with their real ZIPs."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words(
    "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara "
    "Richard Susan Joseph Jessica Thomas Karen Charles Sarah Daniel Nancy Matthew Lisa Anthony "
    "Betty Mark Sandra Donald Ashley Steven Emily Paul Kimberly Andrew Margaret Joshua Donna "
    "Kenneth Michelle Kevin Carol Brian Amanda George Melissa Timothy Deborah Ronald Stephanie "
    "Jason Rebecca Edward Laura Jeffrey Helen Ryan Sharon Jacob Cynthia Gary Kathleen Nicholas Amy "
    "Eric Angela Jonathan Shirley Stephen Anna Larry Brenda Justin Pamela Scott Emma Brandon "
    "Nicole Benjamin Ruth Samuel Katherine Gregory Samantha Alexander Christine Patrick Rachel "
    "Frank Olivia Raymond Janet Jack Maria Dennis Heather Jerry Diane Tyler Julie Aaron Joyce Jose "
    "Victoria Adam Kelly Nathan Christina Henry Joan Zachary Evelyn Douglas Lauren Peter Judith "
    "Kyle Megan Noah Andrea Ethan Hannah Jeremy Jacqueline Walter Martha Christian Gloria Keith "
    "Teresa Roger Sara Terry Janice Austin Julia Sean Grace Gerald Alice Carl Theresa Harold "
    "Madison Dylan Doris Arthur Abigail Lawrence Sophia Jordan Frances Jesse Alexis Bryan Kayla "
    "Priya Wei Fatima Hiroshi Nguyen Carlos Lucia Omar Ingrid Dmitri Yara Kwame Anika Rosa Mateo"
)

LAST = _words(
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez "
    "Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez "
    "Clark Ramirez Lewis Robinson Walker Young Allen King Wright Scott Torres Hill Flores "
    "Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Gomez Phillips Evans "
    "Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris Morales Murphy Cook Rogers "
    "Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson "
    "Watson Brooks Chavez Wood James Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo "
    "Sanders Patel Myers Long Ross Foster Jimenez Powell Jenkins Perry Russell Sullivan Bell "
    "Coleman Butler Henderson Barnes Fisher Vasquez Simmons Romero Jordan Patterson Alexander "
    "Hamilton Graham Reynolds Griffin Wallace Moreno West Cole Hayes Bryant Herrera Gibson Ellis "
    "Tran Medina Aguilar Stevens Murray Ford Castro Marshall Owens Harrison Fernandez McDonald "
    "Woods Washington Kennedy Wells Vargas Henry Chen Freeman Webb Tucker Guzman Burns Crawford "
    "Olson Simpson Porter Hunter Gordon Mendez Silva Shaw Snyder Mason Dixon Munoz Hunt Hicks "
    "Holmes Palmer Wagner Black Robertson Boyd Rose Stone Salazar Fox Warren Mills Meyer Rice "
    "Schmidt Garza Daniels Ferguson Nichols Stephens Soto Weaver Ryan Gardner Payne Grant Dunn "
    "Kelley Spencer Hawkins Arnold Pierce Hansen Peters Santos Hart Bradley Knight Elliott "
    "O'Brien Kowalski Nakamura Lindqvist Abernathy Okafor Yoder Zimmerman Vandenberg Castellanos"
)

STREETS = _words(
    "Maple Oak Cedar Elm Washington Lincoln Park Lake Hill Walnut Spring Ridge Church Willow "
    "Jefferson Madison Sycamore Chestnut Highland Forest Meadow River Sunset Franklin Cherry "
    "Dogwood Hickory Adams Jackson Prospect Linden Orchard Birch Mill Pleasant Valley Union "
    "Front Main Clay Locust Ash Pine Stewart Far Hills Wilmington Salem Patterson Wayne"
)
STREET_KINDS = ("St", "Ave", "Dr", "Rd", "Ln", "Ct", "Blvd", "Way", "Pl")

# office code -> (town, state, ZIP): the ZIPs are those of the towns, so address checks agree.
TOWNS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "NORTH": (
        ("Dayton", "OH", "45402"),
        ("Kettering", "OH", "45429"),
        ("Beavercreek", "OH", "45431"),
        ("Fairborn", "OH", "45324"),
        ("Xenia", "OH", "45385"),
        ("Troy", "OH", "45373"),
        ("Centerville", "OH", "45459"),
    ),
    "EAST": (
        ("Richmond", "IN", "47374"),
        ("Connersville", "IN", "47331"),
        ("New Castle", "IN", "47362"),
        ("Muncie", "IN", "47302"),
        ("Greenfield", "IN", "46140"),
    ),
    "WEST": (
        ("Bloomington", "IL", "61701"),
        ("Normal", "IL", "61761"),
        ("Pontiac", "IL", "61764"),
        ("Lincoln", "IL", "62656"),
        ("Clinton", "IL", "61727"),
    ),
}

# (name, first eight digits of an invented routing number, town line on the check)
BANKS: tuple[tuple[str, str, str], ...] = (
    ("First Prairie Bank", "04210077", "Dayton, Ohio"),
    ("Miami Valley Savings", "24227311", "Kettering, Ohio"),
    ("Wabash National Bank", "07490088", "Muncie, Indiana"),
    ("Heartland Credit Union", "27118244", "Bloomington, Illinois"),
    ("Union Trust Company", "04110339", "Columbus, Ohio"),
    ("Old Mill Community Bank", "07192466", "Pontiac, Illinois"),
    ("Riverside Federal", "28307755", "Cincinnati, Ohio"),
    ("Great Lakes Bank N.A.", "06110492", "Cleveland, Ohio"),
)
