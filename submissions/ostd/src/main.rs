//! A kernel that solves "Lab 13: I/O and storage" on the OSTD framework.
//!
//! It finds the virtio block device, reads sector 0, writes a new text to it, and then starts user space, which waits for
//! keys at a shell prompt. What students write is [`drivers::virtio::blk`].

#![no_std]
#![no_main]

extern crate alloc;

mod console;
mod drivers;
mod user;

use core::panic::PanicInfo;

use osdk_frame_allocator::FrameAllocator;
use osdk_heap_allocator::HeapAllocator;
use ostd::mm::heap::SlotInfo;
use ostd::{early_println, task::TaskOptions};

use drivers::virtio::blk::{BlockDevice, BlockError, SECTOR_SIZE};
use drivers::virtio::find_block_device;

#[ostd::global_frame_allocator]
static FRAME_ALLOCATOR: FrameAllocator = FrameAllocator;

#[ostd::global_heap_allocator]
static HEAP_ALLOCATOR: HeapAllocator = HeapAllocator;

#[ostd::global_heap_allocator_slot_map]
const fn heap_slot(layout: core::alloc::Layout) -> Option<SlotInfo> {
    osdk_heap_allocator::type_from_layout(layout)
}

/// Hands a panic to OSTD, which prints it with a stack trace and powers off.
#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    extern "Rust" {
        fn __ostd_panic_handler(info: &PanicInfo) -> !;
    }
    // SAFETY: OSTD defines this function with this signature.
    unsafe { __ostd_panic_handler(info) }
}

#[ostd::main]
fn kernel_main() {
    match find_block_device() {
        Some(mut device) => {
            if let Err(error) = test_block_device(&mut device) {
                early_println!("Block device test failed: {:?}", error);
            }
        }
        None => early_println!("No virtio block device found"),
    }
    TaskOptions::new(|| user::run("init")).spawn().unwrap();
}

/// The lab's exercise: print what sector 0 says, then replace it.
fn test_block_device(device: &mut BlockDevice) -> Result<(), BlockError> {
    let mut sector = [0; SECTOR_SIZE];

    early_println!("Testing block device read...");
    device.read_block(0, &mut sector)?;
    let text_len = sector.iter().position(|byte| *byte == 0).unwrap_or(SECTOR_SIZE);
    let text = core::str::from_utf8(&sector[..text_len]).unwrap_or("(not a text)");
    early_println!("Read string: {}", text);

    early_println!("Testing block device write...");
    let text = b"Hello, Virtio Block Device!";
    sector.fill(0);
    sector[..text.len()].copy_from_slice(text);
    device.write_block(0, &sector)
}
