//! User space: one process, which may replace itself with another program.

mod elf;
mod floating_point;
mod process;
mod syscall;

use ostd::arch::cpu::context::CpuException;
use ostd::arch::qemu::{exit_qemu, QemuExitCode};
use ostd::early_println;
use ostd::user::{ReturnReason, UserContextApi};

use crate::console::Console;
use process::Process;
use syscall::Outcome;

/// Runs the program `name` and whatever it starts. Powers off when that ends, and does not return.
pub fn run(name: &str) {
    let console = Console::new();
    let mut process = Process::load(name).expect("the first program is part of the kernel");
    loop {
        match process.mode.execute(|| false) {
            ReturnReason::UserSyscall => match syscall::handle(&mut process, &console) {
                Outcome::Continue => {}
                Outcome::Replace(next) => process = next,
                Outcome::PowerOff(code) => exit_qemu(code),
            },
            ReturnReason::UserException => handle_exception(&mut process),
            ReturnReason::KernelEvent => {}
        }
    }
}

/// The first floating-point instruction of a program is taken as an illegal one: it is let through and tried again.
fn handle_exception(process: &mut Process) {
    let context = process.mode.context_mut();
    let Some(exception) = context.take_exception() else {
        return;
    };
    if exception.code == CpuException::IllegalInstruction && floating_point::enable(context) {
        return;
    }
    early_println!(
        "User program killed: {:?} at {:#x}, address {:#x}",
        exception.code,
        context.instruction_pointer(),
        exception.page_fault_addr,
    );
    exit_qemu(QemuExitCode::Failed);
}
