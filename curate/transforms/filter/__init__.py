"""`filter.*`: drop rows by a property of their own."""
