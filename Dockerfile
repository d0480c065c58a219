# bootgrade with what builds RISC-V labs: gcc for riscv64, make, and Debian's Rust for OSTD. It runs as a user without rights.
#
#   docker build -t bootgrade .
#   docker run --rm --network none --security-opt seccomp=unconfined --security-opt systempaths=unconfined \
#     -v "$PWD:/course" bootgrade grade lab.yaml class/
#
# bubblewrap makes a user namespace for each build, which Docker's own seccomp profile forbids, with a /proc of its own, which the system forbids
# as long as a part of the container's /proc is hidden: hence the options. podman calls the second one unmask=ALL, and needs no other. Where a
# container for each grading is enough protection, leave them out and add --unsandboxed.
FROM node:22-bookworm-slim AS build
WORKDIR /bootgrade
COPY . .
RUN npm ci && npm pack --pack-destination /tmp && mv /tmp/bootgrade-*.tgz /tmp/bootgrade.tgz

FROM node:22-bookworm-slim
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends \
    binutils-riscv64-linux-gnu bubblewrap gcc-riscv64-linux-gnu git libc6-dev-riscv64-cross lld-19 make \
    cargo-web=1.85.* libstd-rust-web-dev=1.85.* rust-web-src=1.85.* rustc-web=1.85.* \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /tmp/bootgrade.tgz /tmp/bootgrade.tgz
RUN npm install --global /tmp/bootgrade.tgz && rm /tmp/bootgrade.tgz
# The image's user node.
USER 1000:1000
WORKDIR /course
ENTRYPOINT ["bootgrade"]
CMD ["--help"]
