#!/bin/sh
# Cargo runs this in place of the compiler (RUSTC_WRAPPER, set by build.sh): the compiler with the machine's own folders
# replaced in all that it writes. As options in Cargo's configuration, the folders would change the names of symbols.
set -eu

set -- "$@" \
  --remap-path-prefix="$SOURCE=/lab13-ostd" \
  --remap-path-prefix="$CARGO_TARGET_DIR=/build" \
  --remap-path-prefix="$RUST_SOURCE=/rust" \
  --remap-path-prefix="$(readlink -f "$RUST_SOURCE")=/rust"
for registry in "$CARGO_HOME"/registry/src/*; do
  set -- "$@" --remap-path-prefix="$registry=/crates"
done
exec "$@"
