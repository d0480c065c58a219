//! Virtio devices behind the legacy MMIO transport.
//!
//! Reference: Virtual I/O Device (VIRTIO) 1.2, section 4.2.4 "Legacy interface".

pub mod blk;
mod mmio;
mod queue;

use ostd::{arch::boot::DEVICE_TREE, early_println, io::IoMem};

use blk::BlockDevice;
use mmio::{DeviceId, Transport};

/// Looks at every virtio slot of the device tree and starts the first block device.
pub fn find_block_device() -> Option<BlockDevice> {
    let mut block_device = None;
    for node in DEVICE_TREE.get()?.all_nodes() {
        let is_virtio = node.compatible().is_some_and(|names| names.all().any(|name| name == "virtio,mmio"));
        let Some(region) = node.reg().filter(|_| is_virtio).and_then(|mut regions| regions.next()) else {
            continue;
        };
        let base = region.starting_address as usize;
        let size = region.size.unwrap_or(0);
        let Ok(registers) = IoMem::acquire(base..base + size) else {
            continue;
        };
        let Some(transport) = Transport::new(registers) else {
            continue;
        };
        let device_id = transport.device_id();
        if device_id != DeviceId::BLOCK || block_device.is_some() {
            continue;
        }
        early_println!(
            "Virtio MMIO device found at {:#x} with size {:#x}, device id {}, version: {}",
            base,
            size,
            device_id.0,
            transport.version(),
        );
        block_device = BlockDevice::start(transport);
    }
    block_device
}
