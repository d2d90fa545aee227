"""Name and version of this program, as they stand in what it makes."""

from __future__ import annotations

from importlib import metadata

TOOL_NAME = "custody-attest"


def tool_version() -> str:
    """Give the version of the installed distribution."""
    return metadata.version(TOOL_NAME)
