//! The virtio block device: one request at a time, one sector each.
//!
//! Reference: VIRTIO 1.2, section 5.2.

use ostd::mm::{DmaDirection, DmaStream, FrameAllocOptions, HasDaddr, VmIo};
use ostd_pod::Pod;

use super::mmio::{status, Transport};
use super::queue::{Buffer, Queue};

/// Bytes of a sector, whatever `blk_size` says (section 5.2.4).
pub const SECTOR_SIZE: usize = 512;

const REQUEST_IN: u32 = 0;
const REQUEST_OUT: u32 = 1;

const STATUS_OK: u8 = 0;
/// Not a status that a device may give: tells whether it gave one at all.
const STATUS_UNSET: u8 = 0xff;
const STATUS_SIZE: usize = 1;

/// Ring features of the transport that [`Queue`] does without: indirect descriptors and the event index.
const UNUSED_FEATURES: u64 = 1 << 28 | 1 << 29;

/// What every request begins with.
#[repr(C)]
#[derive(Clone, Copy, Pod)]
struct RequestHeader {
    request_type: u32,
    reserved: u32,
    sector: u64,
}

const HEADER_SIZE: usize = size_of::<RequestHeader>();

/// Why a block could not be read or written.
#[derive(Debug)]
#[allow(dead_code, reason = "the fields are for the debug print")]
pub enum BlockError {
    /// No memory, or a buffer that the device cannot have.
    Memory(ostd::Error),
    /// The device answered with this status.
    Status(u8),
}

impl From<ostd::Error> for BlockError {
    fn from(error: ostd::Error) -> Self {
        Self::Memory(error)
    }
}

/// The first part of the device's configuration space (section 5.2.4).
#[derive(Debug)]
#[allow(dead_code, reason = "the fields are for the debug print")]
struct BlockConfig {
    capacity: u64,
    size_max: u32,
    seg_max: u32,
    geometry: Geometry,
    blk_size: u32,
    topology: Topology,
}

#[derive(Debug)]
#[allow(dead_code, reason = "the fields are for the debug print")]
struct Geometry {
    cylinders: u16,
    heads: u8,
    sectors: u8,
}

#[derive(Debug)]
#[allow(dead_code, reason = "the fields are for the debug print")]
struct Topology {
    physical_block_exp: u8,
    alignment_offset: u8,
    min_io_size: u16,
    opt_io_size: u32,
}

impl BlockConfig {
    fn read(transport: &Transport) -> Self {
        let words: [u32; 8] = core::array::from_fn(|word| transport.config_word(word));
        Self {
            capacity: u64::from(words[1]) << 32 | u64::from(words[0]),
            size_max: words[2],
            seg_max: words[3],
            geometry: Geometry {
                cylinders: words[4] as u16,
                heads: (words[4] >> 16) as u8,
                sectors: (words[4] >> 24) as u8,
            },
            blk_size: words[5],
            topology: Topology {
                physical_block_exp: words[6] as u8,
                alignment_offset: (words[6] >> 8) as u8,
                min_io_size: (words[6] >> 16) as u16,
                opt_io_size: words[7],
            },
        }
    }
}

pub struct BlockDevice {
    transport: Transport,
    queue: Queue,
}

impl BlockDevice {
    /// Brings the device up, as section 3.1 says, and prints its configuration.
    pub fn start(transport: Transport) -> Option<Self> {
        transport.reset();
        transport.set_status(status::ACKNOWLEDGE | status::DRIVER);
        transport.set_driver_features(transport.device_features() & !UNUSED_FEATURES);
        let queue = Queue::new(&transport, 0)?;
        ostd::early_println!("{:?}", BlockConfig::read(&transport));
        transport.set_status(status::ACKNOWLEDGE | status::DRIVER | status::DRIVER_OK | status::FEATURES_OK);
        Some(Self { transport, queue })
    }

    /// Reads one sector from the device into `block`.
    pub fn read_block(&mut self, sector: u64, block: &mut [u8; SECTOR_SIZE]) -> Result<(), BlockError> {
        let header = dma_page(DmaDirection::ToDevice)?;
        header.write_val(0, &RequestHeader { request_type: REQUEST_IN, reserved: 0, sector })?;
        header.sync(0..HEADER_SIZE)?;

        let data = dma_page(DmaDirection::FromDevice)?;

        let status = dma_page(DmaDirection::Bidirectional)?;
        status.write_val(0, &STATUS_UNSET)?;
        status.sync(0..STATUS_SIZE)?;

        self.queue.submit_and_wait(
            &self.transport,
            [
                Buffer::device_readable(header.daddr(), HEADER_SIZE),
                Buffer::device_writable(data.daddr(), SECTOR_SIZE),
                Buffer::device_writable(status.daddr(), STATUS_SIZE),
            ],
        );

        check_status(&status)?;
        data.sync(0..SECTOR_SIZE)?;
        data.read_bytes(0, block)?;
        Ok(())
    }

    /// Writes `block` to one sector of the device.
    pub fn write_block(&mut self, sector: u64, block: &[u8; SECTOR_SIZE]) -> Result<(), BlockError> {
        let header = dma_page(DmaDirection::ToDevice)?;
        header.write_val(0, &RequestHeader { request_type: REQUEST_OUT, reserved: 0, sector })?;
        header.sync(0..HEADER_SIZE)?;

        let data = dma_page(DmaDirection::ToDevice)?;
        data.write_bytes(0, block)?;
        data.sync(0..SECTOR_SIZE)?;

        let status = dma_page(DmaDirection::Bidirectional)?;
        status.write_val(0, &STATUS_UNSET)?;
        status.sync(0..STATUS_SIZE)?;

        self.queue.submit_and_wait(
            &self.transport,
            [
                Buffer::device_readable(header.daddr(), HEADER_SIZE),
                Buffer::device_readable(data.daddr(), SECTOR_SIZE),
                Buffer::device_writable(status.daddr(), STATUS_SIZE),
            ],
        );

        check_status(&status)
    }
}

/// A page that the device can reach.
fn dma_page(direction: DmaDirection) -> Result<DmaStream, BlockError> {
    let page = FrameAllocOptions::new().alloc_segment(1)?;
    // Cannot fail: a page that was just allocated has no mapping yet.
    Ok(DmaStream::map(page.into(), direction, true).unwrap())
}

fn check_status(status: &DmaStream) -> Result<(), BlockError> {
    status.sync(0..STATUS_SIZE)?;
    match status.read_val(0)? {
        STATUS_OK => Ok(()),
        other => Err(BlockError::Status(other)),
    }
}
