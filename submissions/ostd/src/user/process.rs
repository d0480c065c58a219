//! A process: an address space and the state of its one thread.

use alloc::sync::Arc;

use ostd::arch::cpu::context::UserContext;
use ostd::mm::{
    CachePolicy, FallibleVmRead, FallibleVmWrite, FrameAllocOptions, PageFlags, PageProperty, Vaddr, VmIo, VmReader,
    VmSpace, VmWriter, PAGE_SIZE,
};
use ostd::task::disable_preempt;
use ostd::user::{UserContextApi, UserMode};

use super::elf::Elf;

const STACK_TOP: Vaddr = 0x4000_0000;
const STACK_SIZE: usize = 16 * PAGE_SIZE;

/// The programs, which the build script compiles from `programs/`.
static PROGRAMS: [(&str, &[u8]); 2] = [
    ("init", include_bytes!(concat!(env!("OUT_DIR"), "/init"))),
    ("sh", include_bytes!(concat!(env!("OUT_DIR"), "/sh"))),
];

pub struct Process {
    pub mode: UserMode,
    space: Arc<VmSpace>,
}

impl Process {
    /// Loads a program into an address space of its own and makes that the current one.
    /// Returns `None` if there is no program with this name.
    pub fn load(name: &str) -> Option<Self> {
        let (_, file) = PROGRAMS.iter().find(|(program, _)| *program == name)?;
        let elf = Elf::parse(file)?;
        let space = Arc::new(VmSpace::new());
        for segment in elf.load_segments() {
            map(&space, segment.address, segment.size, segment.data);
        }
        map(&space, STACK_TOP - STACK_SIZE, STACK_SIZE, &[]);
        space.activate();

        let mut context = UserContext::default();
        context.set_instruction_pointer(elf.entry);
        context.set_stack_pointer(STACK_TOP);
        Some(Self { mode: UserMode::new(context), space })
    }

    /// Copies from the process's memory. `None` if not all of it is there.
    pub fn read_memory(&self, address: Vaddr, bytes: &mut [u8]) -> Option<()> {
        let mut reader = self.space.reader(address, bytes.len()).ok()?;
        reader.read_fallible(&mut VmWriter::from(bytes)).ok()?;
        Some(())
    }

    /// Copies to the process's memory. `None` if not all of it is there.
    pub fn write_memory(&self, address: Vaddr, bytes: &[u8]) -> Option<()> {
        let mut writer = self.space.writer(address, bytes.len()).ok()?;
        writer.write_fallible(&mut VmReader::from(bytes)).ok()?;
        Some(())
    }
}

/// Maps fresh pages for `size` bytes at `address` and fills them with `data` and zeroes. Segments must not share a page.
fn map(space: &VmSpace, address: Vaddr, size: usize, data: &[u8]) {
    let start = address / PAGE_SIZE * PAGE_SIZE;
    let end = (address + size).next_multiple_of(PAGE_SIZE);
    let pages = FrameAllocOptions::new().alloc_segment((end - start) / PAGE_SIZE).unwrap();
    pages.write_bytes(address - start, data).unwrap();

    let guard = disable_preempt();
    let mut cursor = space.cursor_mut(&guard, &(start..end)).unwrap();
    for page in pages {
        cursor.map(page.into(), PageProperty::new_user(PageFlags::RWX, CachePolicy::Writeback));
    }
}
