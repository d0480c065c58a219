#!/usr/bin/env bash
# Builds every sample anew and says whether the committed files are what their sources give. With --write, replaces them.
set -u
cd "$(dirname "$0")"
write=0
[ "${1:-}" = --write ] && write=1
out=$(mktemp -d)
trap 'rm -rf -- "$out"' EXIT
status=0

sh c/build.sh "$out" || status=$?
sh harts/build.sh "$out/harts/class" || status=$?
sh ostd/build.sh "$out/class" || status=$?

while IFS= read -r built; do
  name=${built#"$out/"}
  if cmp -s "$built" "$name"; then
    echo "same       $name"
  elif [ "$write" = 1 ]; then
    mkdir -p "$(dirname "$name")" && cp "$built" "$name.new" && mv "$name.new" "$name"
    echo "replaced   $name"
  else
    echo "different  $name"
    status=1
  fi
done < <(find "$out" -name '*.elf' | sort)
exit "$status"
