"""What a set of cases looks like on disk; its form is in `tests/vectors/bundles/README.md`.

A vector that lies there is never written over: whoever changes one changes what every earlier
version has promised. `rm -r` the folder before the first release of a form, never after.
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.bundles import authorities
from tests.bundles.bases import BASES, base_of
from tests.bundles.case import Expected
from tests.bundles.cases.tables import TABLES
from tests.bundles.signers import SIGNERS, SMALL_ORDER, ed25519_public
from tests.bundles.trusts import SHARED
from tests.conftest import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.bundles.case import Case, Refused

VECTORS = Path(__file__).parents[1] / "vectors" / "bundles"
README, DIGESTS = "README.md", "DIGESTS"
HEADING = "## Cases\n"


def keys() -> dict[str, bytes]:
    """Give the public keys and certificates that trust files name."""
    found = {f"{name}.pub.pem": one.public.pem for name, one in SIGNERS.items()}
    found["exchange-alias.pub.pem"] = SIGNERS["exchange"].public.pem
    found["low-order.pub.pem"] = ed25519_public(SMALL_ORDER).pem
    found["p384.pub.pem"] = _p384()
    found["challenger.pub.pem"] = (EXAMPLES / "exchange" / "auditor.pub").read_bytes()
    for name in authorities.NAMES:
        found[f"tsa-{name}.pem"] = authorities.own(name).pem
        found[f"tsa-{name}-root.pem"] = authorities.root(name).pem
    return found


def _p384() -> bytes:
    return (
        ec.derive_private_key(384, ec.SECP384R1())
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


@cache
def _shared() -> Mapping[str, str]:
    return {text: name for name, text in SHARED.items()}


def _trust(case: Case) -> tuple[str | None, dict[str, bytes]]:
    """Give the path of a case's trust file, and what is written for it."""
    if case.trust is None:
        return None, {}
    shared = _shared().get(case.trust)
    if shared is not None and not case.beside:
        return f"trusts/{shared}/trust.toml", {}
    folder = f"{case.name}/trust"
    own = {"trust.toml": case.trust.encode(), **case.beside}
    return f"{folder}/trust.toml", {f"{folder}/{name}": data for name, data in own.items()}


def _json(document: object) -> bytes:
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"


def _expected(expected: Expected | Refused) -> dict[str, object]:
    if not isinstance(expected, Expected):
        return {"exit": 3, "refused": expected.message}
    return {
        "authenticity": expected.authenticity,
        "outcome": expected.outcome,
        "level": expected.level,
        "exit": expected.exit,
        "reasons": list(expected.reasons),
        "differences": list(expected.differences),
        "anchors": expected.anchors,
    }


def stated(case: Case) -> dict[str, bytes]:
    """Give what stands in the tables of a case: its verdict and its trust file."""
    _, files = _trust(case)
    return {f"{case.name}/expected.json": _json(_expected(case.expected)), **files}


def made(case: Case) -> dict[str, bytes]:
    """Give the other files of a case: what it is, and what is laid over its base."""
    before = base_of(case.base)
    after = case.edit(dict(before))
    document = {
        "title": case.name.replace("-", " "),
        "what": case.what,
        "base": case.base,
        "trust": _trust(case)[0],
        "arguments": {
            "today": case.today,
            "allowTest": case.allow_test,
            "expectPrevious": case.previous,
            "authenticityOnly": case.authenticity_only,
        },
        "without": sorted(before.keys() - after.keys()),
    }
    changed = {name: data for name, data in after.items() if before.get(name) != data}
    laid = {f"{case.name}/files/{name}": data for name, data in changed.items()}
    return {f"{case.name}/case.json": _json(document), **laid}


def everything() -> dict[str, bytes]:
    """Give the files of the vectors, of a case that lies there those alone that tables state.

    A later version of the program would make other bytes of the same edit.
    """
    found = {f"keys/{name}": data for name, data in keys().items()}
    found |= {f"trusts/{name}/trust.toml": text.encode() for name, text in SHARED.items()}
    for base in BASES:
        found |= {f"good/{base}/{name}": data for name, data in base_of(base).items()}
    for case in (case for table in TABLES.values() for case in table):
        found |= stated(case)
        if not (VECTORS / case.name).is_dir():
            found |= made(case)
    return found


def table() -> Iterator[str]:
    """Give the lines of the README's tables."""
    for title, cases in TABLES.items():
        yield from ("", f"### {title}", "", "| case | what | expected |", "|---|---|---|")
        for case in cases:
            yield f"| `{case.name}` | {case.what} | {_said(case.expected)} |"


def _said(expected: Expected | Refused) -> str:
    if not isinstance(expected, Expected):
        return "refused, exit 3"
    codes = " ".join((*expected.reasons, *dict.fromkeys(expected.differences)))
    verdict = f"{expected.authenticity} {expected.outcome} {expected.level or 'none'}"
    return f"{verdict}, exit {expected.exit}" + (f": {codes}" if codes else "")


def digests(files: Mapping[str, bytes], before: str) -> str:
    """Add the files that are new to the list of digests; what stands there stays."""
    known = {line.partition("  ")[2] for line in before.splitlines()}
    new = (f"{sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files.keys() - known))
    return before + "".join(new)


def write() -> str:
    """Write what is not there yet; raise ValueError where something else lies.

    Returns:
        What a release notes of the list of digests: its lines, and their SHA-256.
    """
    files = everything()
    changed = [
        name
        for name, data in files.items()
        if (VECTORS / name).exists() and (VECTORS / name).read_bytes() != data
    ]
    if changed:
        raise ValueError(f"vectors do not change: {', '.join(changed)}")
    for name, data in files.items():
        place = VECTORS / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    listed = VECTORS / DIGESTS
    listed.write_text(digests(files, listed.read_text() if listed.exists() else ""))
    text = (VECTORS / README).read_text().partition(HEADING)[0]
    (VECTORS / README).write_text("\n".join((text + HEADING.rstrip(), *table(), "")))
    lines = listed.read_bytes()
    return f'({lines.count(10)}, "{sha256(lines).hexdigest()}")'
