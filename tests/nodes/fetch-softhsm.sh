#!/bin/sh
# Unpack Debian's SoftHSM into .nodes/softhsm: without root and without installing anything. A wrapper
# in .nodes/bin starts its tool. What it is linked with (OpenSSL 3, SQLite) this machine must have.
set -eu

cd "$(dirname "$0")/../.."
[ -x .nodes/bin/softhsm2-util ] && exit 0
command -v softhsm2-util >/dev/null && exit 0
command -v apt-get >/dev/null || exit 1

rm -rf .nodes/softhsm
mkdir -p .nodes/softhsm/debs .nodes/bin
if [ "$(id -u)" = 0 ]; then
    apt-get update -qq
fi
(cd .nodes/softhsm/debs && apt-get -qq -o APT::Sandbox::User="$(id -un)" download softhsm2 libsofthsm2)
for deb in .nodes/softhsm/debs/*.deb; do
    dpkg-deb -x "$deb" .nodes/softhsm
done

tool=$PWD/.nodes/softhsm/usr/bin/softhsm2-util
"$tool" --version >/dev/null
ln -sf "$tool" .nodes/bin/softhsm2-util
