def validate() -> None:
    """x."""
