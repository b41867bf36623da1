def ls() -> None:
    """x."""
