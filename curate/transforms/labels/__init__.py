"""`labels.*`: find labels that are likely wrong."""
