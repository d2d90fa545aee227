#!/bin/sh
# Unpack Debian's litecoind, and the libraries this machine lacks for it, into .nodes: without root
# and without installing anything. A wrapper in .nodes/bin starts it with those libraries.
set -eu

cd "$(dirname "$0")/../.."
[ -x .nodes/bin/litecoind ] && exit 0
command -v litecoind >/dev/null && exit 0
command -v apt-get >/dev/null || exit 1

rm -rf .nodes
mkdir -p .nodes/debs/partial .nodes/root .nodes/bin
if [ "$(id -u)" = 0 ]; then
    apt-get update -qq
fi
apt-get -qq -o Dir::Cache::archives="$PWD/.nodes/debs" -o Debug::NoLocking=1 \
    -o APT::Sandbox::User="$(id -un)" \
    --download-only --no-install-recommends --yes install litecoind >/dev/null
for deb in .nodes/debs/*.deb; do
    dpkg-deb -x "$deb" .nodes/root
done

root=$PWD/.nodes/root
cat >.nodes/bin/litecoind <<END
#!/bin/sh
LD_LIBRARY_PATH=$(echo "$root"/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH
exec "$root/usr/lib/litecoin/litecoind" "\$@"
END
chmod +x .nodes/bin/litecoind
.nodes/bin/litecoind --version >/dev/null
