//! A loader for statically linked RISC-V ELF files.
//!
//! Reference: System V ABI, chapters "Object Files" and "Program Loading". Sections, relocations and symbols are left out.

const MAGIC_64_LITTLE_ENDIAN: [u8; 6] = [0x7f, b'E', b'L', b'F', 2, 1];
const MACHINE_RISCV: u16 = 243;
const PT_LOAD: u32 = 1;

pub struct Elf<'a> {
    file: &'a [u8],
    pub entry: usize,
    program_headers: usize,
    program_header_size: usize,
    program_header_count: usize,
}

/// A part of the program in memory: `data`, followed by zeroes up to `size` bytes.
pub struct LoadSegment<'a> {
    pub address: usize,
    pub size: usize,
    pub data: &'a [u8],
}

impl<'a> Elf<'a> {
    /// Reads the file header, or `None` if this is not a 64-bit RISC-V file.
    pub fn parse(file: &'a [u8]) -> Option<Self> {
        if !file.starts_with(&MAGIC_64_LITTLE_ENDIAN) || read_u16(file, 18)? != MACHINE_RISCV {
            return None;
        }
        Some(Self {
            file,
            entry: read_usize(file, 24)?,
            program_headers: read_usize(file, 32)?,
            program_header_size: read_u16(file, 54)?.into(),
            program_header_count: read_u16(file, 56)?.into(),
        })
    }

    /// The segments to load. A segment that does not lie within the file ends the list.
    pub fn load_segments(&self) -> impl Iterator<Item = LoadSegment<'a>> + '_ {
        (0..self.program_header_count)
            .map_while(|index| {
                let offset = self.program_headers.checked_add(index * self.program_header_size)?;
                self.file.get(offset..)
            })
            .filter(|header| read_u32(header, 0) == Some(PT_LOAD))
            .map_while(|header| {
                let start = read_usize(header, 8)?;
                let end = start.checked_add(read_usize(header, 32)?)?;
                Some(LoadSegment {
                    address: read_usize(header, 16)?,
                    size: read_usize(header, 40)?,
                    data: self.file.get(start..end)?,
                })
            })
    }
}

fn read_array<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..offset.checked_add(N)?)?.try_into().ok()
}

fn read_u16(bytes: &[u8], offset: usize) -> Option<u16> {
    read_array(bytes, offset).map(u16::from_le_bytes)
}

fn read_u32(bytes: &[u8], offset: usize) -> Option<u32> {
    read_array(bytes, offset).map(u32::from_le_bytes)
}

fn read_usize(bytes: &[u8], offset: usize) -> Option<usize> {
    read_array(bytes, offset).map(usize::from_le_bytes)
}
