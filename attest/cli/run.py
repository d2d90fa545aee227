"""attest run: the main job. Observe, assess, sign, and write the bundle, whatever its outcome."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import Annotated

import typer

from attest.cli.options import AT, COMMITMENT, DECLARATION, KEY, PASSPHRASE_ENV, PUBLIC  # noqa: TC001 - typer reads them at run time


def run(
    declaration: DECLARATION,
    key: KEY,
    output: Annotated[Path, typer.Option("-o", "--output", help="Bundle folder to write.")],
    at: AT = None,
    commitment: COMMITMENT = None,
    passphrase_env: PASSPHRASE_ENV = None,
    public: PUBLIC = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the predicate.")] = False,
) -> int:
    """Read, check, reconcile, judge and sign.

    Once blocks are pinned the bundle is written, headed by its worst status: a signed shortfall is
    a legitimate attestation.
    """
    from attest import bundle
    from attest.cli.assess import work_on
    from attest.cli.console import say
    from attest.cli.load import gather, signing_key
    from attest.cli.observe import look
    from attest.cli.show import exit_of, show
    from attest.disk import refuse_existing, write_folder
    from attest.inputs import parse_inputs
    from attest.journal import journal_of, remove_journal
    from attest.observation import encode_observation

    refuse_existing(output)
    signer = signing_key(key, passphrase_env, public)
    files, criteria = gather(declaration, commitment)
    observed = look(parse_inputs(files, criteria), declaration.parent, at, output)
    work = work_on(files, encode_observation(observed), criteria)
    write_folder(output, bundle.sign(bundle.draft(work), signer))
    remove_journal(journal_of(output))
    say(f"bundle: {output}, signed with key {signer.public.keyid}")
    show(work.predicate, as_json=as_json)
    return exit_of(work.predicate)
