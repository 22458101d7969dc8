//! One value a line, for `grep -f` and block lists. A line break inside a value becomes a blank.

use super::{Head, Writer, phrase};
use crate::id::SubmissionId;
use crate::indicator::Ioc;

pub(super) fn writer(head: Head) -> Box<dyn Writer> {
    Box::new(Text { head })
}

struct Text {
    head: Head,
}

impl Writer for Text {
    fn ioc(&mut self, ioc: &Ioc, _: Option<SubmissionId>, out: &mut Vec<u8>) {
        let finding = &ioc.finding;
        if self.head.defang {
            out.extend_from_slice(
                phrase::one_line(&finding.kind.defang(&finding.value)).as_bytes(),
            );
        } else if finding.value.contains(['\n', '\r']) {
            out.extend_from_slice(phrase::one_line(&finding.value).as_bytes());
        } else {
            out.extend_from_slice(finding.value.as_bytes());
        }
        out.push(b'\n');
    }
}
