//! x
use crate::document::builder::Builder;
use crate::submission::Failure;
pub(super) fn read(bytes: &[u8], out: &mut Builder, depth: usize) -> Result<(), Failure> {
    let _ = (bytes, out, depth);
    Ok(())
}
pub(super) fn read_mbox(bytes: &[u8], out: &mut Builder, depth: usize) -> Result<(), Failure> {
    let _ = (bytes, out, depth);
    Ok(())
}
