//! A split virtqueue in the legacy layout.
//!
//! Reference: VIRTIO 1.2, sections 2.6.2 (layout) and 2.7. One request at a time: a chain always starts at descriptor 0.
//! Left out: indirect descriptors, the event index, and interrupts.

use core::sync::atomic::{fence, Ordering};

use ostd::mm::{Daddr, DmaCoherent, FrameAllocOptions, HasDaddr, PodOnce, VmIoOnce, PAGE_SIZE};

use super::mmio::Transport;

/// Entries of the queue.
const QUEUE_SIZE: u16 = 64;
/// The used ring starts at the next multiple of this.
const QUEUE_ALIGN: usize = PAGE_SIZE;

/// A descriptor: where its fields are.
mod descriptor {
    pub const ADDRESS: usize = 0;
    pub const LEN: usize = 8;
    pub const FLAGS: usize = 12;
    pub const NEXT: usize = 14;
    pub const SIZE: usize = 16;
}

/// Both rings begin with `flags` and `idx`, 16 bits each.
const RING_INDEX: usize = 2;
const RING_ENTRIES: usize = 4;
const AVAIL_RING: usize = QUEUE_SIZE as usize * descriptor::SIZE;
const USED_RING: usize = QUEUE_ALIGN;

/// The chain goes on at `next`.
const FLAG_NEXT: u16 = 1;
/// The device writes this buffer; without the flag it reads it.
const FLAG_DEVICE_WRITABLE: u16 = 2;

/// One buffer of a request, as the device sees it.
#[derive(Clone, Copy)]
pub struct Buffer {
    address: Daddr,
    len: u32,
    flags: u16,
}

impl Buffer {
    pub fn device_readable(address: Daddr, len: usize) -> Self {
        Self { address, len: len as u32, flags: 0 }
    }

    pub fn device_writable(address: Daddr, len: usize) -> Self {
        Self { address, len: len as u32, flags: FLAG_DEVICE_WRITABLE }
    }
}

pub struct Queue {
    index: u32,
    memory: DmaCoherent,
    avail_index: u16,
    used_index: u16,
}

impl Queue {
    /// Allocates queue `index` and registers it with the device.
    pub fn new(transport: &Transport, index: u32) -> Option<Self> {
        let segment = FrameAllocOptions::new().alloc_segment(2).ok()?;
        let memory = DmaCoherent::map(segment.into(), true).ok()?;
        transport.set_queue(index, QUEUE_SIZE, QUEUE_ALIGN, memory.daddr())?;
        Some(Self { index, memory, avail_index: 0, used_index: 0 })
    }

    /// Sends one chain to the device and waits until it has used it.
    /// Inlined with all that it calls: so the line tables alone tell whose request a store to the queue belongs to.
    #[inline(always)]
    pub fn submit_and_wait<const N: usize>(&mut self, transport: &Transport, chain: [Buffer; N]) {
        self.write_descriptors(chain);
        self.publish();
        transport.notify(self.index);
        self.wait_used();
    }

    #[inline(always)]
    fn write_descriptors<const N: usize>(&self, chain: [Buffer; N]) {
        for (position, buffer) in chain.into_iter().enumerate() {
            let is_last = position + 1 == N;
            let at = position * descriptor::SIZE;
            self.write(at + descriptor::ADDRESS, buffer.address as u64);
            self.write(at + descriptor::LEN, buffer.len);
            self.write(at + descriptor::FLAGS, if is_last { buffer.flags } else { buffer.flags | FLAG_NEXT });
            self.write(at + descriptor::NEXT, if is_last { 0 } else { position as u16 + 1 });
        }
    }

    /// Puts the chain into the available ring. The device may look at the new index at once, so the entry goes first.
    #[inline(always)]
    fn publish(&mut self) {
        const HEAD: u16 = 0;
        let slot = usize::from(self.avail_index % QUEUE_SIZE);
        self.write(AVAIL_RING + RING_ENTRIES + slot * size_of::<u16>(), HEAD);
        self.avail_index = self.avail_index.wrapping_add(1);
        fence(Ordering::SeqCst);
        self.write(AVAIL_RING + RING_INDEX, self.avail_index);
        fence(Ordering::SeqCst);
    }

    #[inline(always)]
    fn wait_used(&mut self) {
        while self.memory.read_once::<u16>(USED_RING + RING_INDEX).unwrap() == self.used_index {
            core::hint::spin_loop();
        }
        self.used_index = self.used_index.wrapping_add(1);
        fence(Ordering::SeqCst);
    }

    /// One store that the device sees whole.
    #[inline(always)]
    fn write<T: PodOnce>(&self, offset: usize, value: T) {
        // Cannot fail: all offsets lie within the two pages of the queue.
        self.memory.write_once(offset, &value).unwrap();
    }
}
