"""`clean.*`: repair text in place."""
