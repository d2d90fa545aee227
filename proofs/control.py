"""Controls: what a claim's signature shows, and the three ways in which it can fail to show it.

A scheme is one function that takes a `Signing` and returns a `Proof` or raises. It never returns a
bool, so a caller cannot forget to look. `InvalidProof` means the claim is refuted: wrong, forged or
not decodable. `InconclusiveProof` is BIP-322's third state: nothing is wrong, but the rules known
here cannot decide. `UnprovedClaim` means that the signature may be right and yet shows nothing: the
chain says that the key does not hold the account, or its word is missing. Reasons are closed codes,
never a library's text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chains.snapshot import Coin, Question
    from config.caip import ChainId
    from config.registry import Chain

Show: TypeAlias = "Callable[[str, str | bytes], None]"
"""Takes a step of a check as it is made: what it is, and its value; bytes are shown in hex."""


def quiet(step: str, value: str | bytes) -> None:
    """Show nothing."""
    del step, value


Outcome = Literal["proved", "refuted", "inconclusive", "unproved"]
Grade = Literal["A", "B", "C", "D"]

Reason = Literal[
    "scheme_not_for_chain",  # the scheme has no meaning on the claimed chain or address type
    "malformed_message",  # the message is not in the encoding the claim states
    "malformed_signature",  # not strict base64 or hex, wrong length, trailing bytes, over the limit
    "malformed_script",
    "malformed_public_key",
    "unknown_profile",  # the scheme has no form of that name
    "key_mismatch",  # the signature is of a key that is not the address's
    "script_mismatch",  # the script's hash is not the address's
    "signature_invalid",  # the signature does not verify
    "high_s",  # refused where a chain holds one form alone to be valid
    "threshold_not_met",  # fewer distinct signers than the script asks for
    "header_mismatch",  # a BIP-137 header byte that does not fit the address type
    "format_not_for_address",  # for example BIP-322 `smp` for an address that needs `ful`
    "rule_violated",  # a required rule: sighash flags, code separator, shape of the transaction
    "time_locked",  # the proof holds only from a later height, time or age on
    "upgradeable_rule",  # BIP-322 upgradeable rules: unknown version, reserved opcode, later segwit
    "account_not_covered",  # a proof for many accounts does not hold one that the claim names
    "no_claim",
    "no_challenge",  # the message is `@challenge` and no challenge was issued for the account
    "challenge_expired",
    "account_has_code",  # one key on every EVM network does not control a contract
    "code_unknown",  # the chain was not asked, or did not answer, whether the account has code
    "malformed_profile",  # the profile's fields are not those that its form needs
    "not_a_key",  # no private key stands behind the address: a program's, a script's, small order
    "account_not_derived",  # no known wallet contract leads from the key to the address
    "transaction_like",  # bytes as transactions are signed over, whose signatures are public
    "address_not_signed",  # what was signed names another address
    "message_not_signed",  # what was signed is another text
    "authority_not_held",  # the signatures are right, and the chain lets other keys use the account
    "authority_unknown",  # what the chain said of who may use the account could not be read
    "message_not_committed",  # a transaction that does not carry, or commit to, the message
    "account_not_named",  # it spends from, or is of, an account that the claim does not name so
    "wrong_chain",  # a transaction for another chain, or for any (before EIP-155)
    "coins_unknown",  # nobody says what the transaction spends, so its signatures are not checked
    "transfer_not_checked",  # no chain was asked, or none said, whether the transfer is in a block
    "transfer_not_included",  # it is in no block up to the pin
    "transfer_failed",  # it is in a block, and was reverted there
    "text_names_no_account",  # a public transfer with a text that does not name its account
    "challenge_of_another",  # the text was issued for another account than the row's
    "text_not_ours",  # typed data is of challenge texts alone
    "text_of_another_account",
    "chain_not_asked",  # the chain was not asked, or did not answer, what the proof rests on
    "no_contract",  # a contract's signature, and the account has no code at the pin
    "contract_accepts_anything",  # it also accepts a digest or a signature that nobody made
    "unknown_contract",  # it accepts the signature, and whose key that takes is not known
    "no_key_link",  # too few of the keys that stand behind the contract signed themselves
    "not_deployed_signature",  # ERC-6492: for a contract that is not deployed
    "superseded",  # carried forward, and a later claim is about the same accounts
    "malformed_ceremony",  # a witness's document is not in its one form
]

Warning_ = Literal[
    "address_not_in_text",  # grade D: the signed text does not name the address
    "electrum_style",  # BIP-137 header 31 to 34 with a segwit address
    "high_s",  # the other form of the same signature
    "legacy_format",  # BIP-322 without a prefix
    "script_path",  # taproot: one leaf's authority only
    "time_locked",  # a time lock that the pin already satisfies
    "code_not_checked",  # whether the account has code was not read
    "coins_not_checked",  # proof of funds: the listed coins were not compared with the chain
    "coins_not_at_pin",  # proof of funds: a listed coin is not unspent at the pin
    "delegated_code",  # EIP-7702: the key controls the account and has delegated it
    "header_shared",  # another chain has the same message header, and the text names no chain
    "authority_not_read",  # whether the chain still lets the address's own key use it was not read
    "active_permission",  # Tron: the keys move what is there, and others may take that right away
    "shared_authority",  # others can use the account without any of the keys that signed
    "bdk_commitment",  # BIP-127 with the commitment of bdk-reserves, hashed twice
    "module_enabled",  # a module of the contract can move what it holds without any owner
    "guard_set",  # a guard of the contract can stop what its owners sign
    "fallback_handler_unknown",  # what answers for the contract beside its own code is not known
]


class InvalidProof(Exception):  # noqa: N818 - a verdict about the claim, not an error of the tool
    """The claim is refuted."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class InconclusiveProof(Exception):  # noqa: N818 - a verdict about the claim, not an error of the tool
    """The claim is neither proved nor refuted by the rules known here."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class UnprovedClaim(Exception):  # noqa: N818 - a verdict about the claim, not an error of the tool
    """The signature may be right and yet shows nothing of the account."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Signing:
    """A claim as a scheme sees it: addresses resolved, message in bytes."""

    chain: Chain
    """The chain of all addresses; for one key on every EVM network, any EVM chain's row."""
    addresses: tuple[str, ...]
    """Canonical; more than one only for schemes that prove many."""
    message: bytes
    signature: str
    """As written in the claim."""
    public_key: str = ""
    script: str = ""
    profile: str = ""
    """Which of a scheme's forms was signed, where a scheme has several."""
    answers: Mapping[Question, str] = field(default_factory=dict, compare=False, repr=False)
    """What the chain said to the scheme's questions, so far as it was asked."""
    coins: Mapping[tuple[ChainId, str, int], Coin] = field(
        default_factory=dict, compare=False, repr=False
    )
    """Coins of the declared accounts that are unspent at the pin, by chain, transaction, output."""
    show: Show = field(default=quiet, compare=False, repr=False)
    """Told what is hashed, recovered and compared, in order; whoever explains a claim listens."""

    def only_address(self, *families: str) -> str:
        """Give the one address of a claim of these families.

        Raises:
            InvalidProof: `scheme_not_for_chain`, `account_not_covered` for more than one address.
        """
        if self.chain.family not in families:
            raise InvalidProof("scheme_not_for_chain")
        if len(self.addresses) != 1:
            raise InvalidProof("account_not_covered")
        return self.addresses[0]


@dataclass(frozen=True, slots=True)
class Outpoint:
    """A coin that a proof of funds lists, with what the prover says of it."""

    txid: str
    vout: int
    script: str
    units: int


@dataclass(frozen=True, slots=True)
class Proof:
    """What a verified claim shows, for all addresses of its Signing."""

    signatures: tuple[str, ...]
    """One identity a signature: hex, the same for both S forms, so that reuse is seen."""
    warnings: tuple[Warning_, ...] = ()
    lock_time: int = 0
    """BIP-322's T: the proof holds from this height or time on; 0 for none."""
    sequence: int = 0
    """BIP-322's S: relative lock (BIP-68) of the coins; 0 for none."""
    outpoints: tuple[Outpoint, ...] = ()
    """Proof of funds: the coins listed, the message input left out."""
    keyid: str = ""
    """SPKI SHA-256 in hex of the key of a witness; empty where the account's own key proves."""
    held_at: int | None = None
    """When the proof was made, Unix seconds, where what was signed says so."""


@dataclass(frozen=True, slots=True)
class Control:
    """The verdict on one row of claims.csv."""

    account: str
    """The row's subjects in canonical form, joined by a space."""
    scheme: str
    outcome: Outcome
    grade: Grade | None
    """Only where the outcome is `proved`."""
    reason: Reason | None
    """Only where the outcome is not `proved`."""
    warnings: tuple[Warning_, ...]
    line: int
    """Line of claims.csv."""
    subjects: tuple[str, ...] = ()
    """What is proved: accounts, and extended keys with their chain; empty unless `proved`."""
    signatures: tuple[str, ...] = ()
    """Identities of the signatures, to see one used for two subjects."""
    keyid: str = ""
    """SPKI SHA-256 in hex of the key of a witness, whose word alone this is; empty for none."""
    signed_at: int | None = None
    """When it was made, Unix seconds: by the witness, else as the claim says it was received, else
    when our text was issued, which is the earliest; None where nobody says."""
    carried: str = ""
    """SHA-256 in hex of the earlier statement's payload if the claim is carried forward from it,
    and the line is one of its claims.csv; empty for a claim of this statement."""
