"""attest countersign: a second party's statement over the payload of a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attest.cli import verify as own_check
from attest.cli.options import JSON, PASSPHRASE_ENV, PUBLIC  # noqa: TC001 - typer reads them at run time
from attest.cli.verify import (  # noqa: TC001 - the same
    ALLOW_TEST,
    CO_OBSERVATION,
    CUSTOMERS,
    LEDGER,
    POLICIES,
    PREVIOUS,
    SECRET,
    SOURCES,
    TRUST,
)

if TYPE_CHECKING:
    from attest.countersignature import Countersignature
    from attest.keys import SigningKey
    from attest.verifier import Verifier
    from config.procedures import Procedures

BUNDLE = Annotated[Path, typer.Argument(help="The bundle folder; the statement is added to it.")]
PROCEDURES = Annotated[
    Path | None, typer.Option("--procedures", help="procedures.toml: what you did yourself.")
]
KEY = Annotated[
    str | None,
    typer.Option("--key", help="Your key: a PEM file, or the URI of one in a token or service."),
]
SIGNER = Annotated[
    Path | None, typer.Option("--signer", help="Trust exactly this public key of the entity's.")
]
LABEL = Annotated[
    str | None,
    typer.Option("--as", metavar="LABEL", help="Label of the files; your role if left out."),
]
TEMPLATE = Annotated[
    Path | None,
    typer.Option("--template", help="Write a procedures.toml to fill in, and sign nothing."),
]


def countersign(
    bundle: BUNDLE,
    procedures: PROCEDURES = None,
    key: KEY = None,
    trust: TRUST = None,
    signer: SIGNER = None,
    label: LABEL = None,
    template: TEMPLATE = None,
    sources: SOURCES = None,
    policies: POLICIES = None,
    co_observation: CO_OBSERVATION = None,
    expect_previous: PREVIOUS = None,
    ledger: LEDGER = None,
    customers: CUSTOMERS = None,
    secret: SECRET = None,
    allow_test: ALLOW_TEST = False,
    passphrase_env: PASSPHRASE_ENV = None,
    public: PUBLIC = None,
    as_json: JSON = False,
) -> int:
    """Verify a bundle as your own, and sign which procedures were performed and what came of them.

    Your statement names the payload; it does not repeat what the entity asserts. What this program
    did again for you it fills in itself; what you leave open stands there as not performed.
    """
    if template is not None:
        return _template(bundle, template)
    stated, own = _given(procedures, key, passphrase_env, public)
    trusted, now = own_check.trust_of(trust, signer), own_check.seconds_of(None)
    verifier = own_check.verifier_of(
        trusted,
        today=now,
        allow_test=allow_test,
        policies=policies,
        previous=own_check.digest_of(expect_previous),
        reread=own_check.checks_of(sources, tuple(co_observation or ()), trusted, now),
        rebuild=own_check.rebuild_of(ledger, customers, secret),
    )
    _show(_countersign(bundle, verifier, stated, own, label), own.public.keyid, as_json=as_json)
    return 0


def _given(
    procedures: Path | None, key: str | None, passphrase_env: str | None, public: Path | None
) -> tuple[Procedures, SigningKey]:
    """Read what the party states, and its key."""
    from attest.cli.load import signing_key
    from attest.disk import read_file
    from config.errors import InputError
    from config.procedures import MAX_BYTES, parse_procedures

    if procedures is None or key is None:
        raise InputError("--procedures and --key go together", "--template FILE writes the first")
    stated = parse_procedures(read_file(procedures, MAX_BYTES), procedures.name)
    return stated, signing_key(key, passphrase_env, public)


def _countersign(
    bundle: Path, verifier: Verifier, stated: Procedures, key: SigningKey, label: str | None
) -> Countersignature:
    """Verify, sign, and add the statement to the bundle."""
    from attest.apart import take_apart
    from attest.bundle import envelope_files
    from attest.cli.adding import add_to
    from attest.cli.load import tool
    from attest.countersigning import countersign as make
    from attest.disk import read_folder
    from attest.verify import verify

    files = read_folder(bundle)
    parts = take_apart(files)
    made = make(parts, verify(files, verifier), stated, tool(), key)
    own = label or stated.practitioner.role
    add_to(bundle, files, envelope_files(parts, made.envelope, key, own))
    return made.predicate


def _template(bundle: Path, path: Path) -> int:
    from attest.apart import take_apart
    from attest.cli.console import give
    from attest.countersigning import template_of
    from attest.disk import read_folder, write_new

    write_new(path, template_of(take_apart(read_folder(bundle))))
    give(f"{path}: state who you are and what you did; nothing stands there as performed")
    return 0


def _show(made: Countersignature, keyid: str, *, as_json: bool) -> None:
    from attest.cli.console import give, give_json, table

    procedures, network = made.procedures, made.about.network
    if as_json:
        give_json(
            {
                "keyid": keyid,
                "network": network,
                "procedures": [
                    {"id": one.id, "result": one.result, "by": one.by, "detail": one.detail}
                    for one in procedures
                ],
            }
        )
        return
    rows = [(one.id, one.result, one.by or "nobody", one.text, one.detail) for one in procedures]
    table("Procedures", ("id", "result", "by", "procedure", "detail"), rows)
    marker = "TEST NETWORK: " if network == "test" else ""
    give(f"{marker}countersigned with key {keyid}")
