"""Rules about groups of accounts of which a sample is proved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attest.rules.case import NAMED, Result
from attest.sampling import Draw, draw_of, groups_of, most_uncontrolled, samples, size_in

if TYPE_CHECKING:
    from attest.rules.case import Case
    from attest.rules.parameters import Parameters
    from attest.sampling import Sample


def sampled_control(case: Case, parameters: Parameters) -> tuple[Result, ...]:
    """sampled_control/1: say of each group what the proofs of its sample show.

    Parameters: `size`, how many accounts of each group are drawn. One result a group, whatever the
    number of its accounts.
    """
    size, draw = size_in(parameters), draw_of(case.inputs.challenges, case.inputs.policy)
    groups = groups_of(case.inputs.accounts)
    if not groups:
        return (Result("not_applicable", "", "no account is declared with a group"),)
    if draw is None:
        return tuple(
            Result(
                "unknown",
                group,
                f"no sample of the {len(accounts)} accounts of group {group} was drawn: no "
                "challenge was issued for the list with its groups",
                {"group": group, "accounts": str(len(accounts))},
            )
            for group, accounts in groups.items()
        )
    drawn = samples(case.inputs.accounts, Draw(draw.seed, size))
    return tuple(_result(case, sample) for sample in drawn)


def _result(case: Case, sample: Sample) -> Result:
    count, drawn = len(sample.accounts), len(sample.drawn)
    bare = sample.unproved(case.bands)
    issued = case.inputs.challenges
    facts = {
        "group": sample.group,
        "accounts": str(count),
        "drawn": str(drawn),
        "unproved": str(len(bare)),
        "issuer": "" if issued is None else issued.issuer,
    }
    if bare:
        text = f"{len(bare)} of {drawn} accounts drawn from the {count} of group {sample.group} "
        named = {"first": " ".join(bare[:NAMED])}
        return Result("breach", sample.group, f"{text}have no proof of control", {**facts, **named})
    least = count - most_uncontrolled(count, drawn)
    return Result(
        "pass",
        sample.group,
        f"all {drawn} accounts drawn from group {sample.group} are proved: with 95 % confidence "
        f"at least {least} of {count} are controlled, if the issuer drew the nonce once",
        {**facts, "at_least": str(least), "confidence": "0.95"},
    )
