"""Who signs with whom: thresholds, aliases, and countersignatures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attest.countersignature import COUNTERSIGNATURE_TYPE, ConfirmedBlock
from tests.bundles.case import Case, Expected, Files, Refused, broken, invalid, undecided, valid
from tests.bundles.edits import (
    countersigned,
    countersigned_by,
    envelope_of,
    payload_in,
    relabelled,
)
from tests.bundles.signers import AUDITOR, EXCHANGE, PARTNER, SECOND, SIGNERS, STRANGER
from tests.bundles.trusts import (
    AUDITOR as REVIEWER,
)
from tests.bundles.trusts import (
    BASIC,
    BLOCK,
    KEYS,
    exchange,
    keyed,
    party,
    require,
)
from tests.bundles.trusts import (
    PARTNER as PARTNER_PARTY,
)

if TYPE_CHECKING:
    from collections.abc import Callable

TWO_ATTEST = require("signatures = { attester = 2 }")
AN_AUDITOR = require("signatures = { auditor = 1 }")
REVIEWED = exchange() + REVIEWER + AN_AUDITOR
TWO_KEYS = (
    '[[party]]\nname = "Example Exchange"\nroles = ["attester"]\n'
    f'[[party.keys]]\nfile = "{KEYS}/exchange.pub.pem"\n'
    f'[[party.keys]]\nfile = "{KEYS}/exchange-second.pub.pem"\n\n'
)
"""One party with two keys."""
BOTH_ROLES = TWO_KEYS.replace('["attester"]', '["attester", "auditor"]')
KNOWN = ConfirmedBlock("eip155:1", "22196273", BLOCK, "2025-04-04T14:52:35Z")
ANOTHER = ConfirmedBlock("eip155:1", "22196273", "0x" + "00" * 32, "2025-04-04T14:52:35Z")
BEFORE_THE_BLOCK = "2025-01-01T00:00:00Z"


def cosigned(name: str, label: str = "board") -> Callable[[Files], Files]:
    key = SIGNERS[name]

    def edit(files: Files) -> Files:
        envelope = envelope_of(payload_in(files)[1], key)
        return relabelled(files, label, envelope, key.public.pem)

    return edit


CASES = (
    Case(
        "parties-two",
        "Two distinct parties signed, two are required.",
        valid(),
        edit=cosigned("partner"),
        trust=exchange() + PARTNER_PARTY + TWO_ATTEST,
    ),
    Case(
        "parties-of-this-entity",
        "The party is trusted to sign for the entity that the statement is of.",
        valid(),
        trust=exchange().rstrip() + '\nentity = "Nobody in particular"\n\n' + require(),
    ),
    Case(
        "parties-of-another-entity",
        "The party is trusted to sign for another entity than the statement is of.",
        invalid("no_trusted_signature"),
        trust=exchange().rstrip() + '\nentity = "Example Exchange"\n\n' + require(),
    ),
    Case(
        "parties-of-an-lei",
        "The party is trusted to sign for a LEI, and the statement has none.",
        invalid("no_trusted_signature"),
        trust=exchange().rstrip() + '\nlei = "5493001KJTIIGC8Y1R12"\n\n' + require(),
    ),
    Case(
        "parties-one-of-two",
        "One party signed, two are required.",
        undecided("threshold_not_met"),
        trust=exchange() + PARTNER_PARTY + TWO_ATTEST,
    ),
    Case(
        "parties-one-key-two-labels",
        "One key signed under two labels: it is one party.",
        undecided("threshold_not_met"),
        edit=cosigned("exchange"),
        trust=exchange() + PARTNER_PARTY + TWO_ATTEST,
    ),
    Case(
        "parties-two-keys-of-one",
        "One party signed with two keys: it is one party.",
        undecided("threshold_not_met"),
        edit=cosigned("exchange-second"),
        trust=TWO_KEYS + PARTNER_PARTY + TWO_ATTEST,
    ),
    Case(
        "parties-second-unknown",
        "The second signature is a stranger's.",
        undecided("threshold_not_met", differences=("signature_not_counted",)),
        edit=cosigned("stranger"),
        trust=exchange() + PARTNER_PARTY + TWO_ATTEST,
    ),
    Case(
        "parties-second-expired",
        "The second party's key had expired before the block.",
        undecided("threshold_not_met", differences=("signature_not_counted",)),
        edit=cosigned("partner"),
        trust=exchange()
        + keyed("Example Partner", "attester", "partner", not_after=BEFORE_THE_BLOCK)
        + TWO_ATTEST,
    ),
    Case(
        "parties-signer-unknown-second-known",
        "The entity's own signature is of a stranger, the second of a party that is trusted.",
        invalid("no_trusted_signature"),
        edit=cosigned("partner"),
        trust=PARTNER_PARTY + require(),
    ),
    Case(
        "parties-role",
        "The verifier trusts the key for challenges alone.",
        invalid("no_trusted_signature"),
        trust=party("Example Exchange", "challenger", "exchange") + require(),
    ),
    Case(
        "trust-alias-party",
        "One key under two parties, which would meet a threshold of two.",
        Refused("trust.toml: party: one key under two parties"),
        trust=exchange() + party("Example Partner", "attester", "exchange-alias") + TWO_ATTEST,
    ),
    Case(
        "trust-low-order-key",
        "The key file is an Ed25519 key of order one.",
        Refused("../../keys/low-order.pub.pem: Ed25519 key of small order"),
        trust=party("Example Exchange", "attester", "low-order") + require(),
    ),
    Case(
        "trust-private-key-type",
        "The key file is a key on another curve than P-256.",
        Refused("../../keys/p384.pub.pem: key is neither ECDSA P-256 nor Ed25519"),
        trust=party("Example Exchange", "attester", "p384") + require(),
    ),
    Case(
        "trust-nobody",
        "A trust file without a party.",
        Refused("trust.toml: party: "),
        trust="party = []\n" + require(),
    ),
    Case(
        "trust-misspelled",
        "A requirement is misspelled: it is refused, not passed over.",
        Refused("trust.toml: require.timestamp: "),
        trust=exchange() + require("timestamp = 2"),
    ),
    Case(
        "countersigned",
        "A reviewer countersigned, and one is required.",
        valid(differences=("countersigned",)),
        edit=lambda files: countersigned(files, AUDITOR),
        trust=REVIEWED,
    ),
    Case(
        "countersigned-exception",
        "The reviewer reports an exception.",
        Expected("valid", "unknown", "L3", 2, (), ("countersigned_exception",)),
        edit=lambda files: countersigned(files, AUDITOR, result="exception"),
        trust=REVIEWED,
    ),
    Case(
        "countersigned-block",
        "The reviewer confirms the pinned block from a node of his own.",
        valid(differences=("countersigned",), anchors="confirmed"),
        edit=lambda files: countersigned(files, AUDITOR, blocks=(KNOWN,)),
        trust=REVIEWED,
    ),
    Case(
        "countersigned-another-block",
        "The reviewer knows another block at the pinned height.",
        Expected("valid", "unknown", "L3", 2, ("anchor_mismatch",), ("countersigned",)),
        edit=lambda files: countersigned(files, AUDITOR, blocks=(ANOTHER,)),
        trust=REVIEWED,
    ),
    Case(
        "countersigner-missing",
        "Nobody countersigned, and a reviewer is required.",
        undecided("threshold_not_met"),
        trust=REVIEWED,
    ),
    Case(
        "countersigner-unknown",
        "A stranger countersigned, and nobody is required to.",
        valid(differences=("signature_not_counted",)),
        edit=lambda files: countersigned(files, STRANGER),
        trust=BASIC,
    ),
    Case(
        "countersigner-unknown-required",
        "A stranger countersigned, where a reviewer is required.",
        undecided("threshold_not_met", differences=("signature_not_counted",)),
        edit=lambda files: countersigned(files, STRANGER),
        trust=REVIEWED,
    ),
    Case(
        "countersigner-is-the-signer",
        "The key that signed the statement countersigns it.",
        invalid("not_independent"),
        edit=lambda files: countersigned(files, EXCHANGE),
        trust=BASIC,
    ),
    Case(
        "countersigner-is-a-second-signer",
        "The key of a second signature over the statement countersigns it.",
        invalid("not_independent", differences=("signature_not_counted",)),
        edit=lambda files: countersigned(cosigned("partner")(files), PARTNER),
        trust=exchange() + PARTNER_PARTY + require(),
    ),
    Case(
        "countersigner-attests-too",
        "The reviewer's key is a second key of the party that attests.",
        undecided("threshold_not_met", differences=("signature_not_counted",)),
        edit=lambda files: countersigned(files, SECOND),
        trust=BOTH_ROLES + AN_AUDITOR,
    ),
    Case(
        "countersigner-of-another-role",
        "The countersignature is of a party that is trusted to attest alone.",
        undecided("threshold_not_met", differences=("signature_not_counted",)),
        edit=lambda files: countersigned(files, PARTNER),
        trust=exchange() + PARTNER_PARTY + AN_AUDITOR,
    ),
    Case(
        "countersigns-another",
        "A countersignature about another payload.",
        broken("countersigns_another"),
        base="small",
        edit=countersigned_by(
            lambda payload: re.sub(
                rb'[0-9a-f]{64}("},"name":"payload.json")', b"00" * 32 + rb"\1", payload
            ),
            AUDITOR,
        ),
        trust=REVIEWED,
    ),
    Case(
        "countersigns-another-name",
        "A countersignature whose subject has another name.",
        broken("countersigns_another"),
        base="small",
        edit=countersigned_by(
            lambda payload: payload.replace(b'"name":"payload.json"', b'"name":"report.json"'),
            AUDITOR,
        ),
        trust=REVIEWED,
    ),
    Case(
        "countersignature-of-another-type",
        "A statement of another type, where a countersignature is expected.",
        broken("unknown_statement"),
        base="small",
        edit=countersigned_by(
            lambda payload: payload, AUDITOR, COUNTERSIGNATURE_TYPE.replace("v0", "v9")
        ),
        trust=REVIEWED,
    ),
    Case(
        "countersignature-malformed",
        "A countersignature with a field that its form does not have.",
        broken("malformed_countersignature"),
        base="small",
        edit=countersigned_by(
            lambda payload: payload.replace(b'"findings":[]', b'"finding":[],"findings":[]'),
            AUDITOR,
        ),
        trust=REVIEWED,
    ),
    Case(
        "countersignature-no-statement",
        "An envelope around bytes that are no statement at all.",
        broken("malformed_countersignature"),
        base="small",
        edit=countersigned_by(lambda _payload: b"I agree.", AUDITOR),
        trust=REVIEWED,
    ),
)
