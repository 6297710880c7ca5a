"""Typefaces that join letters as people do; six of them never train a net and judge it."""

SCRIPTS = (
    "alex-brush", "allura", "arizonia", "beth-ellen", "bilbo", "borel", "caveat-brush",
    "chilanka", "clicker-script", "cookie", "courgette", "damion", "dekko", "delius",
    "edu-nsw-act-foundation", "edu-sa-beginner", "edu-vic-wa-nt-beginner", "euphoria-script",
    "fuzzy-bubbles", "gamja-flower", "gochi-hand", "grape-nuts", "herr-von-muellerhoff",
    "hi-melody", "hurricane", "itim", "julee", "kaushan-script", "league-script", "licorice",
    "marck-script", "merienda", "monsieur-la-doulaise", "montez", "mr-dafoe", "mr-de-haviland",
    "mrs-saint-delafield", "nanum-brush-script", "neucha", "norican", "oooh-baby", "pangolin",
    "parisienne", "petit-formal-script", "playwrite-us-modern", "poor-story", "qwigley",
    "redressed", "rouge-script", "ruge-boogie", "ruthie", "satisfy", "sedgwick-ave-display",
    "square-peg", "stalemate", "sunshiney", "tangerine", "the-nautigal", "vujahday-script",
    "yesteryear",
)  # fmt: skip
HELD_OUT_SCRIPTS = (
    "dancing-script", "sacramento", "playwrite-us-trad", "meddon", "mynerve", "edu-sa-hand",
)  # fmt: skip
