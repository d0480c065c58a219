//! The system calls, with Linux's numbers for RISC-V: number in a7, arguments from a0 on, result in a0.

use ostd::arch::qemu::QemuExitCode;
use ostd::early_print;

use super::process::Process;
use crate::console::Console;

const SYS_READ: usize = 63;
const SYS_WRITE: usize = 64;
const SYS_EXIT: usize = 93;
const SYS_REBOOT: usize = 142;
const SYS_EXECVE: usize = 221;

const EFAULT: isize = 14;
const ENOENT: isize = 2;
const ENOSYS: isize = 38;

/// The longest text that one call moves.
const BUFFER_SIZE: usize = 256;

/// What the kernel does after a system call.
pub enum Outcome {
    Continue,
    Replace(Process),
    PowerOff(QemuExitCode),
}

pub fn handle(process: &mut Process, console: &Console) -> Outcome {
    let context = process.mode.context();
    let (a0, a1, a2) = (context.a0(), context.a1(), context.a2());
    let result = match context.a7() {
        SYS_READ => read(process, console, a1, a2),
        SYS_WRITE => write(process, a1, a2),
        SYS_EXECVE => match execve(process, a0) {
            Some(next) => return Outcome::Replace(next),
            None => -ENOENT,
        },
        SYS_EXIT => return Outcome::PowerOff(if a0 == 0 { QemuExitCode::Success } else { QemuExitCode::Failed }),
        SYS_REBOOT => return Outcome::PowerOff(QemuExitCode::Success),
        _ => -ENOSYS,
    };
    process.mode.context_mut().set_a0(result as usize);
    Outcome::Continue
}

/// Reads a line of at most `len` bytes from the console, whatever file descriptor is asked for.
fn read(process: &Process, console: &Console, address: usize, len: usize) -> isize {
    let mut line = [0; BUFFER_SIZE];
    let len = console.read_line(&mut line[..len.min(BUFFER_SIZE)]);
    match process.write_memory(address, &line[..len]) {
        Some(()) => len as isize,
        None => -EFAULT,
    }
}

/// Writes to the console, whatever file descriptor is asked for; as `write` may, it can write less than all.
fn write(process: &Process, address: usize, len: usize) -> isize {
    let mut text = [0; BUFFER_SIZE];
    let text = &mut text[..len.min(BUFFER_SIZE)];
    if process.read_memory(address, text).is_none() {
        return -EFAULT;
    }
    for byte in text.iter() {
        early_print!("{}", *byte as char);
    }
    text.len() as isize
}

/// Loads the program whose name, ended by a zero byte, is at `path`. Arguments and environment are left out.
fn execve(process: &Process, path: usize) -> Option<Process> {
    let mut name = [0; 16];
    for (index, byte) in name.iter_mut().enumerate() {
        process.read_memory(path.checked_add(index)?, core::slice::from_mut(byte))?;
        if *byte == 0 {
            return Process::load(core::str::from_utf8(&name[..index]).ok()?);
        }
    }
    None
}
