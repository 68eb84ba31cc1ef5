//! Snapshots: the linear memory of a guest between two calls. The guest has no other state (its one global, the stack
//! pointer, is back where it was; `conclave-action-guest` checks at build time that there is only that one).

use super::engine::broken;
use crate::failure::Failure;
use wasmi::{AsContextMut, Memory};

const PAGE: usize = 4096;
const WASM_PAGE: u64 = 65_536;

/// A memory, without its pages of zeros: most of them are stack.
pub(crate) struct Image {
    pages: Vec<(usize, Box<[u8]>)>,
    wasm_pages: u64,
}

impl Image {
    pub(super) fn take(memory: &[u8]) -> Self {
        let pages = memory.chunks(PAGE).enumerate().filter(|(_, page)| page.iter().any(|byte| *byte != 0));
        Self {
            pages: pages.map(|(number, page)| (number, page.into())).collect(),
            wasm_pages: memory.len() as u64 / WASM_PAGE,
        }
    }

    /// Into the memory of a fresh instance. `memory_bytes` is the limit that it fails by.
    pub(super) fn restore(
        &self,
        mut store: impl AsContextMut,
        memory: Memory,
        memory_bytes: u32,
    ) -> Result<(), Failure> {
        let missing = self.wasm_pages.saturating_sub(memory.size(&store));
        memory.grow(&mut store, missing).map_err(|_| Failure::OutOfMemory { limit: memory_bytes })?;
        let mut context = store.as_context_mut();
        let data = memory.data_mut(&mut context);
        let mut target = data.chunks_mut(PAGE).enumerate();
        for (number, bytes) in &self.pages {
            let (_, page) =
                target.find(|(at, _)| at == number).ok_or_else(|| broken("an image does not fit"))?;
            if page.len() != bytes.len() {
                return Err(broken("an image does not fit"));
            }
            page.copy_from_slice(bytes);
        }
        Ok(())
    }

    /// What it takes on the host.
    pub(super) fn bytes(&self) -> usize {
        self.pages.len().saturating_mul(PAGE)
    }
}
