"""manifest.json and SHA256SUMS: what lies in a bundle, made from the other files alone.

    {"disclosure": "full", "files": [{"mediaType": "…", "name": "…", "size": "…"}], "withheld": []}

Both are conveniences for people and other tools, and are made again and compared.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from attest.statement import canonical

if TYPE_CHECKING:
    from attest.content import Files
    from attest.disclosing import Profile

MEDIA_TYPES = {
    "json": "application/json",
    "jsonl": "application/jsonl",
    "csv": "text/csv",
    "toml": "application/toml",
    "md": "text/markdown",
    "pem": "application/x-pem-file",
    "tsr": "application/timestamp-reply",
    "nodes": "application/octet-stream",
}


def build_manifest(
    files: Files, profile: Profile = "full", withheld: tuple[str, ...] = ()
) -> bytes:
    """List every file's size and media type, sorted by name, and what a profile withholds."""
    rows = [
        {
            "name": name,
            "size": str(len(files[name])),
            "mediaType": MEDIA_TYPES.get(name.rpartition(".")[2], "application/octet-stream"),
        }
        for name in sorted(files)
    ]
    return canonical({"disclosure": profile, "files": rows, "withheld": sorted(withheld)})


def build_sums(files: Files) -> bytes:
    """List every file's SHA-256 as `sha256sum -c` reads it, sorted by name."""
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "".join(lines).encode()
