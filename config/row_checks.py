"""What the checks of registry rows share: a condition that must hold, and two citations."""

from __future__ import annotations

from config.errors import InputError


def require(holds: bool, file: str, where: str, what: str) -> None:  # noqa: FBT001 - a condition
    """Refuse a row unless a condition holds.

    Args:
        holds: the condition.
        file: the registry file.
        where: the row.
        what: the fault, naming what was met.

    Raises:
        InputError: it does not hold.
    """
    if not holds:
        raise InputError.at(file, where, what)


def check_cited(file: str, where: str, source: str, checked: str) -> None:
    """Refuse a row without two places: the same words twice are one; raise InputError."""
    require(bool(source.strip()), file, where, "source is empty")
    require(bool(checked.strip()), file, where, "checked is empty")
    require(source != checked, file, where, f"source and checked are one place: {source!r}")
