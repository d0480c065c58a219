//! Drivers of devices.

pub mod virtio;
