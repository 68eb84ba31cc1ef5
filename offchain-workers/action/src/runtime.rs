//! What the standard library would bring: memory, and the end of a panic.

use alloc::string::ToString;

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    crate::log(&info.to_string());
    core::arch::wasm32::unreachable()
}
