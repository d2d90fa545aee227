"""Files that are not those of the statement."""

from __future__ import annotations

from attest.disclosing import withheld_by
from attest.listing import build_manifest, build_sums
from attest.names import MANIFEST, SUMS
from attest.statement import canonical
from config.jsontext import parse_json
from tests.bundles.bases import DECLARATION
from tests.bundles.case import Case, Files, broken
from tests.bundles.edits import ENVELOPE, KEY, PAYLOAD, SIGSTORE, listed, summed
from tests.bundles.trusts import BASIC

ACCOUNTS = "evidence/inputs/accounts.csv"
OBSERVED = "evidence/observation.json"
NODES = "evidence/chains/eip155-1/state.nodes"
REPORT = "report/report.md"
SEALED = "evidence/sealed.json"


def without(files: Files, *names: str) -> Files:
    return {name: data for name, data in files.items() if name not in names}


def flipped(files: Files, name: str) -> Files:
    """Change the last byte of a file."""
    data = files[name]
    return {**files, name: data[:-1] + bytes((data[-1] ^ 1,))}


def _manifest(files: Files, old: str, new: str) -> Files:
    text = files[MANIFEST].decode()
    if old not in text:
        raise ValueError(f"not in the manifest: {old}")
    return _sums({**files, MANIFEST: text.replace(old, new, 1).encode()})


def _sums(files: Files) -> Files:
    kept = without(files, SUMS)
    return {**kept, SUMS: build_sums(kept)}


def _withheld(files: Files, profile: str, *names: str) -> Files:
    """Leave files out, and say so in the manifest under a profile."""
    kept = without(files, MANIFEST, SUMS, *names)
    kept[MANIFEST] = build_manifest(kept, profile, names)  # type: ignore[arg-type]  # a profile
    return _sums(kept)


def _raw(files: Files) -> tuple[str, ...]:
    return withheld_by("regulator", files, sealing=True)


def _list_of(files: Files, change: str) -> Files:
    """Change the list of sealed files: a digest, or a name."""
    document = parse_json(files[SEALED], SEALED)
    assert isinstance(document, dict)
    digests = dict(document["files"])
    if change == "digest":
        digests[ACCOUNTS] = "0" * 64
    else:
        digests["evidence/inputs/other.csv"] = digests.pop(ACCOUNTS)
    return listed({**files, SEALED: canonical({**document, "files": digests})})


CASES = (
    Case(
        "file-extra",
        "A file that the statement does not name.",
        broken("file_mismatch"),
        base="small",
        edit=lambda files: listed({**files, "evidence/note.txt": b"by the way\n"}),
        trust=BASIC,
    ),
    Case(
        "file-extra-unlisted",
        "The same, and manifest and sums do not name it either.",
        broken("manifest_mismatch"),
        base="small",
        edit=lambda files: {**files, "evidence/note.txt": b"by the way\n"},
        trust=BASIC,
    ),
    Case(
        "file-extra-beside-the-envelope",
        "A further envelope without a label, under a name that is no envelope's.",
        broken("file_mismatch"),
        base="small",
        edit=lambda files: listed({**files, "att/0001.dsse.json": files[ENVELOPE]}),
        trust=BASIC,
    ),
    Case(
        "file-extra-payload",
        "A second payload.",
        broken("malformed_payload"),
        base="small",
        edit=lambda files: listed({**files, "att/0002.payload.json": files[PAYLOAD]}),
        trust=BASIC,
    ),
    Case(
        "file-payload-misnumbered",
        "The payload lies under another number than its own.",
        broken("missing_file"),
        base="small",
        edit=lambda files: listed(
            without({**files, "att/0002.payload.json": files[PAYLOAD]}, PAYLOAD)
        ),
        trust=BASIC,
    ),
    Case(
        "file-key-besides",
        "The key of nobody who signed.",
        broken("file_mismatch"),
        base="small",
        edit=lambda files: listed({**files, "keys/board.pub.pem": files[KEY]}),
        trust=BASIC,
    ),
    Case(
        "file-key-spelled",
        "The key of the signer with a line feed more.",
        broken("key_mismatch"),
        base="small",
        edit=lambda files: listed({**files, KEY: files[KEY] + b"\n"}),
        trust=BASIC,
    ),
    Case(
        "file-missing",
        "Evidence is left out, without a word.",
        broken("file_mismatch"),
        base="small",
        edit=lambda files: listed(without(files, OBSERVED)),
        trust=BASIC,
    ),
    Case(
        "file-missing-envelope",
        "No envelope.",
        broken("missing_file"),
        base="small",
        edit=lambda files: listed(without(files, ENVELOPE, SIGSTORE)),
        trust=BASIC,
    ),
    Case(
        "file-missing-key",
        "No key beside the envelope.",
        broken("missing_file"),
        base="small",
        edit=lambda files: listed(without(files, KEY)),
        trust=BASIC,
    ),
    Case(
        "file-missing-manifest",
        "No manifest.",
        broken("missing_file"),
        base="small",
        edit=lambda files: _sums(without(files, MANIFEST)),
        trust=BASIC,
    ),
    Case(
        "file-missing-sums",
        "No SHA256SUMS.",
        broken("missing_file"),
        base="small",
        edit=lambda files: without(files, SUMS),
        trust=BASIC,
    ),
    Case(
        "file-missing-sigstore",
        "No Sigstore bundle.",
        broken("sigstore_mismatch"),
        base="small",
        edit=lambda files: summed(without(files, SIGSTORE)),
        trust=BASIC,
    ),
    Case(
        "file-renamed",
        "A file lies under another name.",
        broken("file_mismatch"),
        base="small",
        edit=lambda files: listed(without({**files, "report/summary.md": files[REPORT]}, REPORT)),
        trust=BASIC,
    ),
    Case(
        "file-exchanged",
        "Two files lie under each other's names.",
        broken("file_mismatch"),
        base="small",
        edit=lambda files: listed(
            {**files, ACCOUNTS: files[DECLARATION], DECLARATION: files[ACCOUNTS]}
        ),
        trust=BASIC,
    ),
    Case(
        "file-evidence-changed",
        "A byte of the evidence is another, and manifest and sums are made again.",
        broken("file_mismatch"),
        base="small",
        edit=lambda files: listed(flipped(files, OBSERVED)),
        trust=BASIC,
    ),
    Case(
        "file-evidence-changed-unlisted",
        "The same, with the sums of before.",
        broken("manifest_mismatch"),
        base="small",
        edit=lambda files: flipped(files, OBSERVED),
        trust=BASIC,
    ),
    Case(
        "file-report-changed",
        "The report says something else, and manifest and sums are made again.",
        broken("file_mismatch"),
        base="small",
        edit=lambda files: listed({**files, REPORT: files[REPORT] + b"All is well.\n"}),
        trust=BASIC,
    ),
    Case(
        "file-sigstore-changed",
        "The Sigstore bundle has another hint than the envelope's keyid.",
        broken("sigstore_mismatch"),
        base="small",
        edit=lambda files: summed(
            {**files, SIGSTORE: files[SIGSTORE].replace(b'"hint":"', b'"hint":"0')}
        ),
        trust=BASIC,
    ),
    Case(
        "manifest-size",
        "The manifest gives another size, and the sums are made again.",
        broken("manifest_mismatch"),
        base="small",
        edit=lambda files: _manifest(files, '"size":"256"', '"size":"257"'),
        trust=BASIC,
    ),
    Case(
        "manifest-profile-unknown",
        "A profile that nobody knows.",
        broken("manifest_mismatch"),
        base="small",
        edit=lambda files: _manifest(files, '"disclosure":"full"', '"disclosure":"brief"'),
        trust=BASIC,
    ),
    Case(
        "manifest-profile-regulator-of-all",
        "The manifest says regulator, and nothing is withheld.",
        broken("manifest_mismatch"),
        base="sealed",
        edit=lambda files: _withheld(files, "regulator"),
        trust=BASIC,
    ),
    Case(
        "manifest-profile-more",
        "A regulator's copy that withholds a list of accounts too, and says so.",
        broken("manifest_mismatch"),
        base="sealed",
        edit=lambda files: _withheld(files, "regulator", *_raw(files), ACCOUNTS),
        trust=BASIC,
    ),
    Case(
        "manifest-profile-less",
        "A regulator's copy that keeps one of the nodes' answers.",
        broken("manifest_mismatch"),
        base="sealed",
        edit=lambda files: _withheld(files, "regulator", *_raw(files)[1:]),
        trust=BASIC,
    ),
    Case(
        "manifest-profile-silent",
        "A regulator's copy that says it is the full one.",
        broken("file_mismatch"),
        base="sealed",
        edit=lambda files: listed(without(files, *_raw(files))),
        trust=BASIC,
    ),
    Case(
        "manifest-public-of-unsealed",
        "A public copy of a statement without salts, whose digests would give files away.",
        broken("manifest_mismatch"),
        base="small",
        edit=lambda files: _withheld(files, "public", ACCOUNTS),
        trust=BASIC,
    ),
    Case(
        "sealed-file-changed",
        "A byte of a sealed file is another.",
        broken("file_mismatch"),
        base="sealed",
        edit=lambda files: listed(flipped(files, NODES)),
        trust=BASIC,
    ),
    Case(
        "sealed-list-digest",
        "The list of sealed files gives another digest.",
        broken("file_mismatch"),
        base="sealed",
        edit=lambda files: _list_of(files, "digest"),
        trust=BASIC,
    ),
    Case(
        "sealed-list-name",
        "The list of sealed files gives another name.",
        broken("file_mismatch"),
        base="sealed",
        edit=lambda files: _list_of(files, "name"),
        trust=BASIC,
    ),
    Case(
        "sealed-list-missing",
        "The list of sealed files is left out of the full bundle.",
        broken("file_mismatch"),
        base="sealed",
        edit=lambda files: listed(without(files, SEALED)),
        trust=BASIC,
    ),
)
