def schema() -> None:
    """x."""
