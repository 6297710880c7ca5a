"""A seeded demo group and its bag of mail, with the truth of every piece."""
