"""`attest trust`: what a bundle's signer chose, in the words of trust.toml."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from attest.apart import take_apart
from attest.disk import write_folder
from attest.predicate import Criterion
from attest.required import rules_in, scope_digest
from config.trust import parse_trust_file
from tests.attest.second import EXCHANGE, predicate_of, signed_small
from tests.cli.command import attest, files_below

if TYPE_CHECKING:
    from pathlib import Path

    from attest.pipeline import Work

PARTY = '[[party]]\nname = "A"\nkey = "signer.pub"\n'


def test_what_is_printed_can_be_required(signed_folder: tuple[Path, Path], tmp_path: Path) -> None:
    bundle, public = signed_folder
    text = attest("trust", bundle)
    shown = attest("trust", bundle, "--json").document
    parts = take_apart(files_below(bundle))
    document = tomllib.loads(text.out)

    assert (0, "") == (text.code, text.err)
    assert rules_in(files_below(bundle)) == document["require"]["rules"] == shown["rules"]
    assert scope_digest(parts.predicate.scope) == document["require"]["scope_sha256"]
    assert ["core"] == list(document["require"]["packs"])
    assert {"sequence": 1, "payload": parts.digest} == document["history"]
    assert f"# signed by key {parts.signer.key.keyid}" == text.out.splitlines()[0]
    (tmp_path / "signer.pub").write_bytes(public.read_bytes())
    (tmp_path / "trust.toml").write_text(PARTY + text.out)
    parse_trust_file((tmp_path / "trust.toml").read_bytes(), "trust.toml")
    ran = attest("verify", bundle, "--trust", tmp_path / "trust.toml", "--allow-test", "--json")
    assert (0, []) == (ran.code, ran.document["reasons"])


def test_a_signer_s_names_can_say_nothing_else(work: Work, tmp_path: Path) -> None:
    hostile = ('x" = "', 'x"\n[[party]]\nname = "y', "back\\slash", "quo'te", "\u2028", "\x1b[2J")
    criteria = tuple(Criterion(f"policies/{name}.toml", "1", "0" * 64) for name in hostile)
    files = signed_small(predicate_of(work, criteria=criteria), EXCHANGE)
    write_folder(tmp_path / "bundle", dict(files))
    ran = attest("trust", tmp_path / "bundle")
    document = tomllib.loads(ran.out)

    assert 0 == ran.code
    assert {"require", "history"} == set(document)
    assert {"scope_sha256", "packs", "rules"} == set(document["require"])
    assert len(hostile) == len(document["require"]["packs"])
    assert ({}, {"0" * 64}) == (
        document["require"]["rules"],
        set(document["require"]["packs"].values()),
    )


def test_a_folder_that_is_no_bundle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()

    assert 0 != attest("trust", tmp_path / "x").code
