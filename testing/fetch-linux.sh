#!/bin/sh
# Writes Debian's Linux for riscv64 and what it needs to mount ext4, for the test that boots it:
#   fetch-linux.sh FOLDER   (then BOOTGRADE_LINUX=FOLDER)
# FOLDER gets the kernel as `vmlinux`, a static `busybox`, and `modules/` in the order in which they are loaded. The packages come from
# trixie by apt with lists of its own; nothing of this machine's packages changes. Exit code: 0 done, 2 wrong usage, else apt's.
set -eu

if [ $# -ne 1 ]; then
  echo "usage: fetch-linux.sh FOLDER" >&2
  exit 2
fi
mkdir -p "$1/modules"
out=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"

# The mirror that this machine uses already.
mirror=$(cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null |
  sed -nE 's#^(URIs:|deb( \[[^]]*\])?) *(https?://[^ ]*/debian)/?( .*)?$#\3#p' | head -n 1)
[ -n "$mirror" ] || { echo "fetch-linux.sh: no mirror of Debian in apt's sources" >&2; exit 3; }
echo "deb [arch=riscv64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$work/sources.list"

own_apt() {
  command=$1
  shift
  "$command" -q -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/lists" \
    -o Dir::State::status=/dev/null -o Dir::Cache="$work/cache" -o APT::Architecture=riscv64 -o APT::Architectures=riscv64 \
    -o APT::Sandbox::User=root -o Acquire::Languages=none "$@"
}
own_apt apt-get update
kernel=$(own_apt apt-cache depends linux-image-riscv64 | sed -nE 's/^ *Depends: (linux-image-.*)$/\1/p' | head -n 1)
cd "$work"
own_apt apt-get download "$kernel" busybox-static
for package in *.deb; do dpkg-deb -x "$package" root; done

cp root/boot/vmlinu?-* "$out/vmlinux"
cp "$(find root -type f -path '*bin/busybox' | head -n 1)" "$out/busybox"
number=10
for module in virtio_mmio virtio_blk crc16 crc32c_generic libcrc32c mbcache jbd2 ext4; do
  file=$(find root -name "$module.ko.xz")
  [ -n "$file" ] || continue
  xz -dc "$file" >"$out/modules/$number-$module.ko"
  number=$((number + 1))
done
