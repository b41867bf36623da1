def show() -> None:
    """x."""
