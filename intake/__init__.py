"""Paper becomes documents."""
