//! The submission object with its `iocs`, in the shape of `GET /api/submissions/{id}`.

use std::borrow::Cow;

use super::{Head, Writer, put_json};
use crate::indicator::Ioc;

pub(super) fn writer(head: Head) -> Box<dyn Writer> {
    Box::new(Json { head, any: false })
}

struct Json {
    head: Head,
    any: bool,
}

impl Writer for Json {
    fn open(&mut self, out: &mut Vec<u8>) {
        put_json(&self.head.submission, out);
        // The list goes inside the object that was just closed.
        out.pop();
        out.extend_from_slice(b",\"iocs\":[");
    }

    fn ioc(&mut self, ioc: &Ioc, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.any, true) {
            out.push(b',');
        }
        let mut view = ioc.view();
        let defanged: Cow<'_, str> = view.refanged_value.clone();
        if self.head.defang {
            view.value = &defanged;
        }
        put_json(&view, out);
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"]}\n");
    }
}
