"""The command `attest`. Each command has a module of its own; what is heavy is imported inside it.

Exit codes: 3 usage or unreadable input, or no pin could be made (nothing is written); else 1 if
something fails; else 2 if something could not be determined; else 0.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from attest.cli import (
    assess,
    carry,
    challenge,
    control,
    countersign,
    disclose,
    find_slot,
    history,
    import_,
    keys,
    new,
    observe,
    rules,
    run,
    sign,
    state,
    timestamp,
    trace,
    trust,
    verify,
    witness,
)
from attest.cli.console import complain, say
from attest.cli.liabilities import app as liabilities
from attest.cli.log import app as log
from attest.collecting import collect_seldom
from config.errors import AttestError

USAGE = 3
INTERRUPTED = 130
"""What typer makes of control-C."""

app = typer.Typer(
    name="attest",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        from attest.version import TOOL_NAME, tool_version

        typer.echo(f"{TOOL_NAME} {tool_version()}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Read balances, check proofs of control, reconcile with what is owed, and sign."""
    del version
    context.obj = {"debug": debug}


app.command("new")(new.new)
app.command("challenge")(challenge.challenge)
app.command("control")(control.control)
app.command("observe")(observe.observe)
app.command("assess")(assess.assess)
app.command("sign")(sign.sign)
app.command("run")(run.run)
app.command("verify")(verify.verify)
app.command("state")(state.state)
app.command("countersign")(countersign.countersign)
app.command("history")(history.history)
app.command("trust")(trust.trust)
app.command("timestamp")(timestamp.timestamp)
app.command("find-slot")(find_slot.find_slot)
app.command("import")(import_.import_)
app.command("trace")(trace.trace)
app.command("carry")(carry.carry)
app.command("witness")(witness.witness)
app.add_typer(keys.app, name="keys")
app.add_typer(rules.app, name="rules")
app.add_typer(disclose.app, name="disclose")
app.add_typer(liabilities.app, name="liabilities")
app.add_typer(log.app, name="log")


def main() -> None:
    """Run the command line and exit with its code."""
    collect_seldom()
    sys.exit(call(sys.argv[1:]))


def call(arguments: list[str]) -> int:
    """Run the command line on some arguments and give the exit code."""
    try:
        code = app(args=arguments, standalone_mode=False)
    except typer.TyperException as error:
        return _misused(error.format_message())
    except AttestError as error:
        if "--debug" in arguments:
            raise
        complain(error)
        return USAGE
    if code == INTERRUPTED:
        say("error: interrupted")
    return code if isinstance(code, int) else 0


def _misused(message: str) -> int:
    if message.startswith("Usage:"):
        say(message)
    else:
        say(f"error: {message[:1].lower()}{message[1:].removesuffix('.')}")
        say("hint: attest --help, or attest COMMAND --help")
    return USAGE
