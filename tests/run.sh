#!/bin/sh
# Everything the tests need, fetched and installed without root, then the tests on all
# cores. Arguments go to pytest.
#
#   anvil      from npm, package @foundry-rs/anvil, into node_modules
#   axe-core   from npm, into node_modules: rules of accessibility
#   sigstore   from npm, into node_modules: a verifier of Sigstore bundles, and with it canonicalize (RFC 8785)
#   chromium   with its driver, where they are installed (Debian packages chromium, chromium-driver)
#   litecoind  from Debian's packages, unpacked into .nodes; where apt is missing its tests are skipped
#   softhsm2   from Debian's packages, unpacked into .nodes: a token for keys
#   Safe       contracts from npm, unpacked into .nodes/safe
#
# A node that cannot be had skips its tests by name; with CI=true that is a failure.
set -eu

cd "$(dirname "$0")/.."
python=${PYTHON:-python3}

[ -d .venv ] || "$python" -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
.venv/bin/pip install --quiet --disable-pip-version-check --editable . --group dev

# One call for all: npm removes what it was not asked for. The verifier's newer series needs Node.js 22.
if ! ls node_modules/@foundry-rs/anvil-linux-*/bin/anvil node_modules/axe-core/axe.min.js \
    node_modules/@sigstore/verify/package.json node_modules/canonicalize/package.json >/dev/null 2>&1; then
    npm install --no-save --no-audit --no-fund --silent @foundry-rs/anvil@1.7.1 axe-core@4.14.1 \
        @sigstore/verify@3.1.1 @sigstore/bundle@4.0.0 @sigstore/core@3.2.1 @sigstore/protobuf-specs@0.5.2 \
        canonicalize@4.0.0 ||
        echo "anvil, axe-core, sigstore and canonicalize could not be installed: their tests are skipped" >&2
fi

sh tests/nodes/fetch-litecoind.sh || echo "litecoind could not be had: its tests are skipped" >&2
sh tests/nodes/fetch-softhsm.sh || echo "softhsm2 could not be had: its tests are skipped" >&2
sh tests/nodes/fetch-safe.sh || echo "the contracts of Safe could not be had: their tests are skipped" >&2

PATH="$PWD/.nodes/bin:$PATH"
export PATH
exec .venv/bin/pytest -n auto "$@"
