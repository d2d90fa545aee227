#!/bin/sh
# Unpack the contracts that Safe publishes on npm into .nodes/safe, a folder a version: the artifacts
# alone are used, so nothing that these packages depend on is fetched.
set -eu

cd "$(dirname "$0")/../.."
command -v npm >/dev/null || exit 1

fetch() {
    [ -d ".nodes/safe/$1/package" ] && return
    rm -rf ".nodes/safe/$1"
    mkdir -p ".nodes/safe/$1"
    archive=$(npm pack --silent --pack-destination ".nodes/safe/$1" "$2@$1")
    tar -xzf ".nodes/safe/$1/$archive" -C ".nodes/safe/$1"
}

fetch 1.1.1 @gnosis.pm/safe-contracts
fetch 1.3.0 @gnosis.pm/safe-contracts
fetch 1.4.1 @safe-global/safe-contracts
fetch 1.5.0 @safe-global/safe-smart-account
