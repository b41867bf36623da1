"""`dedup.*`: drop rows that say again what another row says."""
