#!/bin/sh
# From nothing to a signed and verified attestation: an environment of its own, the package, a key,
# the example's recorded evidence. No node is needed, and no network once the packages are installed.
set -eu

cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}
out=${1:-demo}

[ -d .venv ] || "$python" -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check .

[ -f "$out/key.pem" ] || .venv/bin/attest keys new "$out/key.pem" --unencrypted
rm -rf "$out/bundle"
.venv/bin/attest run config/examples/exchange/declaration.toml --key "$out/key.pem" -o "$out/bundle"
.venv/bin/attest verify "$out/bundle" --key "$out/key.pem.pub" --allow-test
echo "read $out/bundle/report/report.md"
