"""Every case, in the order of the README."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bundles.cases import (
    envelopes,
    files,
    good,
    history,
    judgement,
    parties,
    payloads,
    times,
    windows,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.bundles.case import Case

TABLES: Mapping[str, tuple[Case, ...]] = {
    "Good ones, and copies": good.CASES,
    "Envelopes": envelopes.CASES,
    "Payloads": payloads.CASES,
    "Files": files.CASES,
    "Keys and their windows": windows.CASES,
    "Timestamps": times.CASES,
    "History and logs": history.CASES,
    "Parties and countersignatures": parties.CASES,
    "Requirements and judgement": judgement.CASES,
}
