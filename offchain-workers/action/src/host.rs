//! The two imports.

use crate::{Error, Outcome};
#[cfg(not(target_family = "wasm"))]
use alloc::format;
use alloc::vec::Vec;
#[cfg(target_family = "wasm")]
use alloc::{string::String, vec};

#[cfg(target_family = "wasm")]
#[link(wasm_import_module = "lit")]
extern "C" {
    /// The length of the answer, or -1 - the length of an error's text.
    #[link_name = "call"]
    fn lit_call(operation: *const u8, operation_len: usize, argument: *const u8, argument_len: usize) -> i32;
    /// Copies the answer.
    #[link_name = "read"]
    fn lit_read(to: *mut u8, len: usize);
}

/// Asks the host for an operation: bytes for bytes. Blocks.
///
/// # Errors
/// The host refuses.
#[cfg(target_family = "wasm")]
pub fn call(operation: &str, argument: &[u8]) -> Outcome<Vec<u8>> {
    // SAFETY: both are slices that live until the host returns, and it only reads them.
    let code = unsafe { lit_call(operation.as_ptr(), operation.len(), argument.as_ptr(), argument.len()) };
    let length = if code < 0 { -1 - i64::from(code) } else { code.into() };
    let mut answer = vec![0; length as usize];
    // SAFETY: the host writes `len` bytes, which are the vector's.
    unsafe { lit_read(answer.as_mut_ptr(), answer.len()) };
    if code < 0 {
        return Err(Error(String::from_utf8_lossy(&answer).into_owned()));
    }
    Ok(answer)
}

/// Asks the host, where there is none.
///
/// # Errors
/// Always.
#[cfg(not(target_family = "wasm"))]
pub fn call(operation: &str, _argument: &[u8]) -> Outcome<Vec<u8>> {
    Err(Error(format!("{operation}: there is no host outside of a sandbox")))
}
