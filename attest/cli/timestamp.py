"""attest timestamp: what shows when a bundle was signed, by authorities that did not sign it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli.options import JSON  # noqa: TC001 - typer reads it at run time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attest.timestamps.authority import Authority
    from attest.timestamps.stamping import Signed

BUNDLE = Annotated[Path, typer.Argument(help="The bundle folder; tokens are added to it.")]
AUTHORITY = Annotated[
    list[str] | None,
    typer.Option("--authority", metavar="NAME=URL", help="Ask this authority over HTTPS."),
]
REPLY = Annotated[
    list[str] | None,
    typer.Option("--reply", metavar="NAME=FILE", help="Add the reply that an authority sent."),
]
REQUEST = Annotated[
    Path | None,
    typer.Option("--request", help="Write the request, for a machine that reaches authorities."),
]
LABEL = Annotated[str, typer.Option("--label", help="Whose signature: the label of its envelope.")]
CERTIFICATE = Annotated[
    Path | None,
    typer.Option("--certificate", help="The authority's own certificate: check its reply wholly."),
]
CHAIN = Annotated[
    Path | None, typer.Option("--chain", help="The certificates above it, up to a root.")
]


@dataclass(frozen=True, slots=True)
class _Row:
    """What came of one authority."""

    authority: str
    status: str
    """`added`, or the code of the reason why not."""
    detail: str
    failed: bool = False
    """Whether what it sent is false, and not only missing."""


def timestamp(
    bundle: BUNDLE,
    authority: AUTHORITY = None,
    request: REQUEST = None,
    reply: REPLY = None,
    label: LABEL = "signer",
    certificate: CERTIFICATE = None,
    chain: CHAIN = None,
    as_json: JSON = False,
) -> int:
    """Add RFC 3161 timestamps over a signature of the bundle, or write the request for them.

    Each reply is checked to be over this signature; with --certificate and --chain it is verified
    as a verifier would, who trusts the authority's certificate and not its name.
    """
    from attest.cli.adding import add_to
    from attest.cli.console import say
    from attest.disk import read_folder, refuse_file, write_new
    from attest.timestamps.stamping import signed_by

    asked, replies = _pairs(authority, "--authority"), _pairs(reply, "--reply")
    _check_usage(asked, replies, request)
    checked = _authority(certificate, chain, (*asked, *replies))
    files = read_folder(bundle)
    signed = signed_by(files, label)
    for name in (*asked, *replies):
        refuse_file(bundle / signed.name(name))
    if request is not None:
        write_new(request, signed.request)
        say(f"request over the signature of {label}: {request}")
        return 0
    found = [_ask(signed, name, url, checked) for name, url in asked.items()]
    found += [_read(signed, name, Path(path), checked) for name, path in replies.items()]
    tokens = {signed.name(row.authority): token for row, token in found if token is not None}
    if tokens:
        add_to(bundle, files, tokens)
    rows = [row for row, _ in found]
    _show(rows, as_json=as_json)
    return 1 if any(row.failed for row in rows) else 2 * (len(tokens) < len(rows))


def _pairs(given: list[str] | None, option: str) -> dict[str, str]:
    from attest.timestamps.stamping import check_name
    from config.errors import InputError

    pairs: dict[str, str] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        check_name(name, f"name in {option}")
        if not equals or not value or name in pairs:
            raise InputError(f"{option} {name}: nothing after it, or the name twice", "NAME=…")
        pairs[name] = value
    return pairs


def _check_usage(
    asked: Mapping[str, str], replies: Mapping[str, str], request: Path | None
) -> None:
    from config.errors import InputError

    hint = "give --authority NAME=URL or --reply NAME=FILE, or --request FILE alone"
    if (request is None) == (not asked and not replies):
        raise InputError("nothing to do, or --request beside the others", hint)
    if asked.keys() & replies.keys():
        raise InputError("one name in --authority and --reply", hint)


def _authority(
    certificate: Path | None, chain: Path | None, names: tuple[str, ...]
) -> Authority | None:
    """Read the certificates that a reply is checked with; None if none were given."""
    from attest.disk import read_file
    from attest.timestamps.authority import MAX_CERTIFICATES, read_authority
    from config.errors import InputError

    if certificate is None and chain is None:
        return None
    if certificate is None or chain is None or len(names) != 1:
        hint = "give both, and one authority at a time"
        raise InputError("--certificate and --chain are of one authority", hint)
    own, above = (read_file(path, MAX_CERTIFICATES) for path in (certificate, chain))
    return read_authority(names[0], own, above, None)


def _ask(
    signed: Signed, name: str, url: str, authority: Authority | None
) -> tuple[_Row, bytes | None]:
    from attest.cli.load import monotonic
    from attest.timestamps.asking import NoAnswer, ask

    try:
        reply = ask(name, url, signed.request, monotonic)
    except NoAnswer as fault:
        return _Row(name, fault.reason, fault.what), None
    return _judge(signed, name, reply, authority)


def _read(
    signed: Signed, name: str, path: Path, authority: Authority | None
) -> tuple[_Row, bytes | None]:
    from attest.disk import read_file
    from attest.timestamps.tokens import MAX_REPLY

    return _judge(signed, name, read_file(path, MAX_REPLY), authority)


def _judge(
    signed: Signed, name: str, reply: bytes, authority: Authority | None
) -> tuple[_Row, bytes | None]:
    from attest.errors import InvalidTimestamp
    from attest.timestamps.stamping import token_of

    try:
        token = token_of(signed, reply, authority)
    except InvalidTimestamp as fault:
        return _Row(name, fault.reason, fault.what, failed=True), None
    trusted = "verified" if authority is not None else "over this signature, not verified"
    return _Row(name, "added", f"{signed.name(name)}: {trusted}"), token


def _show(rows: list[_Row], *, as_json: bool) -> None:
    from attest.cli.console import give_json, table

    if as_json:
        give_json(
            {
                "timestamps": [
                    {"authority": row.authority, "status": row.status, "detail": row.detail}
                    for row in rows
                ]
            }
        )
        return
    cells = [(row.authority, row.status, row.detail) for row in rows]
    table("Timestamps", ("authority", "status", "detail"), cells)
