//! The words of charts, diagrams and text boxes, all of them DrawingML, and of comments.

use quick_xml::events::Event;

use super::package::Package;
use super::xml::push_text;
use crate::document::builder::Builder;

/// Writes the words of the part `name` as one paragraph, a line for each of its own.
pub(super) fn words(package: &mut Package<'_>, name: &str, out: &mut Builder) {
    let Some(mut part) = package.open_part(name) else {
        return;
    };
    let (mut inside, mut text) = (false, String::new());
    while let Some(event) = part.next() {
        match &event {
            Event::Start(tag) => {
                inside = matches!(tag.local_name().into_inner(), "t" | "v" | "text")
            }
            Event::End(tag) => match tag.local_name().into_inner() {
                "t" => inside = false,
                "v" | "text" if inside => {
                    inside = false;
                    text.push('\n');
                }
                "p" | "pt" if !text.ends_with('\n') => text.push('\n'),
                _ => {}
            },
            event if inside => push_text(event, &mut text),
            _ => {}
        }
    }
    out.paragraph(&text);
}
