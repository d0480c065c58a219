//! Console input through the SBI's debug console (DBCN), one byte at a time. Output goes through OSTD's `early_print!`.

use core::arch::asm;

use ostd::early_print;
use ostd::mm::{FrameAllocOptions, HasPaddr, USegment, VmIo};
use sbi_rt::Physical;

const BACKSPACE: u8 = 0x08;
const DELETE: u8 = 0x7f;

pub struct Console {
    /// Where the firmware puts what was typed: it wants a physical address.
    page: USegment,
}

impl Console {
    pub fn new() -> Self {
        Self { page: FrameAllocOptions::new().alloc_segment(1).unwrap().into() }
    }

    /// Waits for one line, with echo and the backspace key. Fills `line` and returns the length, the newline included.
    /// Keys beyond the end of `line` are ignored, but for the enter key.
    pub fn read_line(&self, line: &mut [u8]) -> usize {
        if line.is_empty() {
            return 0;
        }
        let mut len = 0;
        loop {
            match self.read_byte() {
                b'\r' | b'\n' => {
                    early_print!("\n");
                    line[len] = b'\n';
                    return len + 1;
                }
                BACKSPACE | DELETE if len > 0 => {
                    early_print!("\x08 \x08");
                    len -= 1;
                }
                byte @ b' '..=b'~' if len + 1 < line.len() => {
                    early_print!("{}", byte as char);
                    line[len] = byte;
                    len += 1;
                }
                _ => {}
            }
        }
    }

    fn read_byte(&self) -> u8 {
        loop {
            let result = sbi_rt::console_read(Physical::new(1, self.page.paddr(), 0));
            if result.error == 0 && result.value == 1 {
                return self.page.read_val(0).unwrap();
            }
            // Sleep until the next timer tick, at most a millisecond away.
            // SAFETY: The instruction changes nothing.
            unsafe { asm!("wfi") };
        }
    }
}
