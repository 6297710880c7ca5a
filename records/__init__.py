"""What every stage shares: the tables and the rules of truth."""
