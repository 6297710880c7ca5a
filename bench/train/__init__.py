"""Training of the small recognisers: seeded, drawn data, torch outside the product only."""
