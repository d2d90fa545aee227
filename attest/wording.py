"""The fixed sentences of a statement. They say what was done and what that does not show.

A test looks for the words that only a practitioner may use of his own work; none of them stands
here.
"""

from __future__ import annotations

from attest.predicate import Procedure

ASSERTION = (
    "The responsible party declares that the listed accounts are the accounts it holds for the "
    "purpose stated, that the listed obligations are complete as of the time stated, and that the "
    "methods, holders and owners stated for each account are true."
)

PROCEDURES: tuple[Procedure, ...] = (
    Procedure(
        id="P1",
        text=(
            "Read the balance of every declared account from every declared source at one block "
            "a chain, and recorded each answer. Where a chain allows it, proved balances against "
            "the state root of that block."
        ),
        evidence=("evidence/chains/",),
    ),
    Procedure(
        id="P2",
        text=(
            "Checked every claim of control: rebuilt the text, verified the signature, and "
            "derived the account from the key or script."
        ),
        evidence=("evidence/inputs/", "report/controls.csv"),
    ),
    Procedure(
        id="P3",
        text=(
            "Compared, instrument by instrument, the holdings that may be counted with the "
            "obligations stated."
        ),
        evidence=("report/accounts.csv",),
    ),
    Procedure(
        id="P4",
        text="Applied every rule of the listed criteria and listed every finding.",
        evidence=("criteria/",),
    ),
)

LIMITATIONS: tuple[str, ...] = (
    (
        "A signature shows that a key was usable when it was made. It does not show that nobody "
        "else holds the key, nor that the balances were not borrowed for the day."
    ),
    (
        "Obligations are as the responsible party states them. An obligation that is left out "
        "cannot be seen here."
    ),
    (
        "Method, holder and owner of an account are declared. No chain can show whether a key is "
        "kept offline."
    ),
    ("The statement is about one point in time. It says nothing about the time before or after."),
    (
        "A pinned block is taken as recorded by the signer until the reader confirms its hash "
        "from a node or record of his own."
    ),
    (
        "Coins that are not visible on chain, such as shielded or extension-block balances, are "
        "not read."
    ),
    "Encumbrances, such as pledges and loans, are not visible on chain.",
)
