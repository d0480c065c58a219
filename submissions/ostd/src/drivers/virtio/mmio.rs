//! The registers of a virtio device on the MMIO bus, version 1 ("legacy").
//!
//! Reference: VIRTIO 1.2, section 4.2.4. Interrupts are left out: requests are polled.

use ostd::io::IoMem;
use ostd::mm::VmIoOnce;

/// Register offsets in bytes. Every register is 32 bits wide.
mod register {
    pub const MAGIC: usize = 0x00;
    pub const VERSION: usize = 0x04;
    pub const DEVICE_ID: usize = 0x08;
    pub const DEVICE_FEATURES: usize = 0x10;
    pub const DEVICE_FEATURES_SEL: usize = 0x14;
    pub const DRIVER_FEATURES: usize = 0x20;
    pub const DRIVER_FEATURES_SEL: usize = 0x24;
    pub const QUEUE_SEL: usize = 0x30;
    pub const QUEUE_NUM_MAX: usize = 0x34;
    pub const QUEUE_NUM: usize = 0x38;
    pub const QUEUE_ALIGN: usize = 0x3c;
    pub const QUEUE_PFN: usize = 0x40;
    pub const QUEUE_NOTIFY: usize = 0x50;
    pub const STATUS: usize = 0x70;
    pub const CONFIG: usize = 0x100;
}

/// "virt" in little-endian ASCII.
const MAGIC: u32 = 0x7472_6976;

/// Bits of the device status field (VIRTIO 1.2, section 2.1).
pub mod status {
    pub const ACKNOWLEDGE: u32 = 1;
    pub const DRIVER: u32 = 2;
    pub const DRIVER_OK: u32 = 4;
    pub const FEATURES_OK: u32 = 8;
}

/// What kind of device sits in a slot (VIRTIO 1.2, section 5); 0 is an empty slot.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DeviceId(pub u32);

impl DeviceId {
    pub const BLOCK: Self = Self(2);
}

pub struct Transport {
    registers: IoMem,
}

impl Transport {
    /// Takes the registers of a slot, or `None` if they do not start with virtio's magic number.
    pub fn new(registers: IoMem) -> Option<Self> {
        let transport = Self { registers };
        (transport.read(register::MAGIC) == MAGIC).then_some(transport)
    }

    pub fn device_id(&self) -> DeviceId {
        DeviceId(self.read(register::DEVICE_ID))
    }

    pub fn version(&self) -> u32 {
        self.read(register::VERSION)
    }

    /// Resets the device and waits until it says that it is done.
    pub fn reset(&self) {
        self.write(register::STATUS, 0);
        while self.read(register::STATUS) != 0 {
            core::hint::spin_loop();
        }
    }

    pub fn set_status(&self, status: u32) {
        self.write(register::STATUS, status);
    }

    /// The 64 feature bits that the device offers.
    pub fn device_features(&self) -> u64 {
        self.write(register::DEVICE_FEATURES_SEL, 0);
        let low = self.read(register::DEVICE_FEATURES);
        self.write(register::DEVICE_FEATURES_SEL, 1);
        let high = self.read(register::DEVICE_FEATURES);
        u64::from(high) << 32 | u64::from(low)
    }

    /// Tells the device which of its features the driver will use.
    pub fn set_driver_features(&self, features: u64) {
        self.write(register::DRIVER_FEATURES_SEL, 0);
        self.write(register::DRIVER_FEATURES, features as u32);
        self.write(register::DRIVER_FEATURES_SEL, 1);
        self.write(register::DRIVER_FEATURES, (features >> 32) as u32);
    }

    /// Gives queue `index` its memory: `num` entries, the used ring aligned to `align` bytes.
    /// Returns `None` if the device has no such queue or allows fewer entries.
    pub fn set_queue(&self, index: u32, num: u16, align: usize, address: usize) -> Option<()> {
        self.write(register::QUEUE_SEL, index);
        if self.read(register::QUEUE_NUM_MAX) < u32::from(num) {
            return None;
        }
        self.write(register::QUEUE_NUM, num.into());
        self.write(register::QUEUE_ALIGN, align as u32);
        // The register counts in guest pages. As the guest page size was never set, QEMU takes a page as one byte.
        self.write(register::QUEUE_PFN, u32::try_from(address).ok()?);
        Some(())
    }

    /// Tells the device that the available ring of queue `index` has a new entry.
    #[inline]
    pub fn notify(&self, index: u32) {
        self.write(register::QUEUE_NOTIFY, index);
    }

    /// One 32-bit word of the device's configuration space.
    pub fn config_word(&self, word: usize) -> u32 {
        self.read(register::CONFIG + 4 * word)
    }

    #[inline]
    fn read(&self, offset: usize) -> u32 {
        // Cannot fail: a slot of the device tree is larger than any offset here.
        self.registers.read_once(offset).unwrap()
    }

    #[inline]
    fn write(&self, offset: usize, value: u32) {
        self.registers.write_once(offset, &value).unwrap();
    }
}
