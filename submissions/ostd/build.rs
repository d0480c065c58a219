//! Compiles the user programs of `programs/` for rv64gc, without a C library, into Cargo's output folder.

use std::{env, path::Path, process::Command};

const COMPILER: &str = "riscv64-linux-gnu-gcc";
#[rustfmt::skip]
const FLAGS: &[&str] = &[
    "-march=rv64gc", "-mabi=lp64d", "-O2", "-g0", "-Wall", "-Wextra", "-Werror",
    "-ffreestanding", "-fno-builtin", "-fno-math-errno", "-fno-pic", "-fno-stack-protector", "-fno-asynchronous-unwind-tables",
    "-static", "-no-pie", "-nostdlib", "-s", "-Wl,--build-id=none", "-Wl,-z,max-page-size=4096", "-Wl,-z,separate-code",
];

fn main() {
    let out = env::var("OUT_DIR").unwrap();
    for name in ["init", "sh"] {
        let status = Command::new(COMPILER)
            .args(FLAGS)
            .args(["-o".as_ref(), Path::new(&out).join(name).as_os_str()])
            .args(["programs/start.S", &format!("programs/{name}.c")])
            .status()
            .unwrap_or_else(|error| panic!("cannot run {COMPILER}: {error}"));
        assert!(status.success(), "{COMPILER} failed on programs/{name}.c");
    }
    println!("cargo::rerun-if-changed=programs");
    println!("cargo::rerun-if-changed=kernel.ld");
}
