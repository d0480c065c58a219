//! Turns the floating-point unit on for a program that uses it.
//!
//! OSTD starts user contexts with `sstatus.FS` = Off and has no call to change it, so this reaches into the saved
//! registers. Nothing saves the floating-point registers: there is one process at a time, and the kernel uses none.
//!
//! Reference: RISC-V privileged architecture, section "Extension Context Status in mstatus Register".

use ostd::arch::cpu::context::{GeneralRegs, UserContext};

/// `sstatus.FS`, bits 14:13.
const FS_MASK: usize = 0b11 << 13;
const FS_INITIAL: usize = 0b01 << 13;

/// A context begins with the 32 integer registers; the saved `sstatus` is the next word.
const SSTATUS_WORD: usize = size_of::<GeneralRegs>() / size_of::<usize>();

/// Turns the unit on and returns true, or returns false if it was on already.
pub fn enable(context: &mut UserContext) -> bool {
    // SAFETY: `UserContext` and the structure that it begins with are `repr(C)`, so that the word after `GeneralRegs` is
    // the saved `sstatus`, in OSTD 0.16.1. The `FS` field cannot harm the kernel.
    let sstatus = unsafe { &mut *(context as *mut UserContext).cast::<usize>().add(SSTATUS_WORD) };
    let was_off = *sstatus & FS_MASK == 0;
    if was_off {
        *sstatus |= FS_INITIAL;
    }
    was_off
}
