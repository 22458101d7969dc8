//! x
use crate::document::builder::Builder;
use crate::submission::Failure;
pub(in crate::document) fn read(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    let _ = (bytes, out);
    Ok(())
}
