"""Enrolling: a key written into a verifier's trust.toml, under the party whose it is.

The file keeps every byte it has; a table is added at its end, by the key's digest, so that no key
file has to lie beside it. What is written is read back with the rest before anything is kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.errors import InputError, shown
from config.trust import parse_trust_file

if TYPE_CHECKING:
    from attest.keys import PublicKey
    from attest.trust import Trust


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Whose a key is, and when its signatures count."""

    party: str
    roles: tuple[str, ...]
    not_before: str | None = None
    not_after: str | None = None


def enrolled(
    data: bytes, name: str, known: Trust | None, key: PublicKey, whose: Enrolment
) -> bytes:
    """Give a trust file with a further party and its key.

    Args:
        data: the file as it stands, empty if there is none.
        name: its name, for messages.
        known: the same, read; None if there is none.
        key: read and checked, so that it is no key of small order.
        whose: the party.

    Raises:
        InputError: the key is another party's, the party stands there already, or a role or time is
            none.
    """
    parties = () if known is None else known.parties
    other = next((one.name for one in parties for own in one.keys if own.keyid == key.keyid), None)
    if other is not None:
        raise InputError(f"{name}: key {key.keyid} is enrolled already, for {shown(other)}")
    if whose.party in {one.name for one in parties}:
        hint = "add under it:\n" + "\n".join(_key_lines(key, whose))
        raise InputError(f"{name}: party stands there already: {shown(whose.party)}", hint)
    lines = [
        "[[party]]",
        f"name = {_text(whose.party)}",
        f"roles = [{', '.join(_text(one) for one in whose.roles)}]",
        *_key_lines(key, whose),
    ]
    before = data if not data or data.endswith(b"\n") else data + b"\n"
    # What is no character stays broken, and is refused where the file is read back.
    added = ("\n".join(lines) + "\n").encode("utf-8", "surrogatepass")
    made = before + (b"\n" if before else b"") + added
    parse_trust_file(made, name)
    return made


def _key_lines(key: PublicKey, whose: Enrolment) -> list[str]:
    lines = ["[[party.keys]]", f'spki = "{key.keyid}"']
    times = (("not_before", whose.not_before), ("not_after", whose.not_after))
    return lines + [f"{name} = {_text(time)}" for name, time in times if time is not None]


def _text(text: str) -> str:
    """Write a TOML basic string.

    JSON's escapes are a part of TOML's, but for those of characters beyond U+FFFF, which TOML
    writes in one: they stay as they are.
    """
    return json.dumps(text, ensure_ascii=False)
