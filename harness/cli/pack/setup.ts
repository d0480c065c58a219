/**
 * How a package's script gets Node: the binaries of nodejs.org, held against the checksums beside them, as Node's own README has it ("Verifying
 * binaries"). A test sets NODE_PREFIX, and brings a `curl` of its own.
 */
import { NODE_VERSION } from './platform.ts';

/** Lines for bash, run as root in an image of Debian or Ubuntu; `set -euo pipefail` comes before them. */
export const installNode = `version=v${NODE_VERSION}
prefix=\${NODE_PREFIX:-/usr/local}
if ! command -v curl >/dev/null; then
  apt-get update
  apt-get install -y --no-install-recommends ca-certificates curl
fi
case "$(uname -m)" in
  x86_64) machine=x64 ;;
  aarch64) machine=arm64 ;;
  *)
    echo "there are no binaries of Node for $(uname -m)" >&2
    exit 1
    ;;
esac
archive=node-$version-linux-$machine.tar.gz
cd "$(mktemp -d)"
curl -fsSLO "https://nodejs.org/dist/$version/$archive"
curl -fsSLO "https://nodejs.org/dist/$version/SHASUMS256.txt"
grep " $archive\\$" SHASUMS256.txt | sha256sum --check --strict -
tar -xzf "$archive" -C "$prefix" --strip-components=1 --no-same-owner
"$prefix/bin/node" --version
`;
