"""Trust files of the vectors, in pieces. Keys and certificates lie in `keys/`."""

from __future__ import annotations

from attest.history.vkey import ED25519, note_key, write_vkey
from tests.attest.history.logs import KEY, ORIGIN, vkey
from tests.bundles.bases import WITNESS

KEYS = "../../keys"
BLOCK = "0x71343fee79d555f38b73809a8ca887bbcc129513607404804d52f76f9633d923"
"""The real block of the main cases, 22,196,273."""


def party(name: str, role: str, key: str) -> str:
    return f'[[party]]\nname = "{name}"\nroles = ["{role}"]\nkey = "{KEYS}/{key}.pub.pem"\n\n'


def keyed(name: str, role: str, key: str, **window: str) -> str:
    """Name a party whose key has a window."""
    lines = "".join(f'{field} = "{value}"\n' for field, value in window.items())
    head = f'[[party]]\nname = "{name}"\nroles = ["{role}"]\n[[party.keys]]\n'
    return f'{head}file = "{KEYS}/{key}.pub.pem"\n{lines}\n'


def exchange(**window: str) -> str:
    """Trust the exchange's key, within a window if there is one."""
    name = "Example Exchange"
    if not window:
        return party(name, "attester", "exchange")
    return keyed(name, "attester", "exchange", **window)


def authority(name: str, *, certificate: str = "", chain: str = "", policy: str = "") -> str:
    own, above = certificate or f"tsa-{name}", chain or f"tsa-{name}-root"
    lines = f'name = "{name}"\ncertificate = "{KEYS}/{own}.pem"\nchain = "{KEYS}/{above}.pem"\n'
    asked = f'policy = "{policy}"\n' if policy else ""
    return f"[[timestamp_authority]]\n{lines}{asked}\n"


def log(origin: str = ORIGIN, quorum: int = 1, witness: str = WITNESS) -> str:
    key = write_vkey(note_key(KEY.public, origin, ED25519))
    head = f'[log]\norigin = "{origin}"\nkey = "{key}"\nquorum = {quorum}\n'
    return f'{head}[[log.witness]]\nname = "Example Reviewer"\nkey = "{vkey(witness)}"\n\n'


def last(sequence: int, payload: str) -> str:
    return f'[history]\nsequence = {sequence}\npayload = "{payload}"\n\n'


def anchor(digest: str = BLOCK, time: str = "2025-04-04T14:52:35Z") -> str:
    stated = f', time = "{time}"' if time else ""
    return f'[anchors]\nethereum = [{{ height = 22196273, hash = "{digest}"{stated} }}]\n\n'


def require(*lines: str, scope: str | None = "holdings") -> str:
    wanted = () if scope is None else (f'scope = ["{scope}"]',)
    return "\n".join(("[require]", *wanted, *lines, ""))


PARTNER = party("Example Partner", "attester", "partner")
AUDITOR = party("Example Reviewer", "auditor", "auditor")
ONE, TWO = authority("one"), authority("two")
BASIC = exchange() + require()
"""The exchange's key, and a statement about holdings alone."""
TESTS = exchange() + require(scope=None)
"""The exchange's key, and a statement about everything."""
EVERYONE = exchange() + PARTNER + AUDITOR + ONE + TWO + log()
ALL = EVERYONE + require("timestamps = 2", "signatures = { attester = 2, auditor = 1 }")
"""Everybody in the base `whole`, and everything that it has is required."""
SHARED = {"exchange": BASIC, "exchange-all-scopes": TESTS, "everyone": ALL}
"""Trust files of more than one case."""
