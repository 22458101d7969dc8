//! What an element points to: links, pictures and objects from outside, formulas, commands.

use quick_xml::events::BytesStart;

use super::{Open, Story};
use crate::document::office::outside;

/// Attributes that hold formulas.
const FORMULAS: &[&str] = &["formula", "expression", "condition"];
/// What a linked program is asked for.
const COMMAND: &[&str] = &["dde-application", "dde-topic", "dde-item"];

impl Story<'_> {
    /// Keeps what the attributes of `tag` point to.
    pub(super) fn targets(&mut self, tag: &BytesStart<'_>) {
        let (mut command, mut found) = (Vec::new(), Vec::new());
        for attribute in tag.attributes().with_checks(false).flatten() {
            let key = attribute.key.local_name().into_inner();
            if key != "href" && !FORMULAS.contains(&key) && !COMMAND.contains(&key) {
                continue;
            }
            let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
            let value = value.unwrap_or_else(|_| attribute.value.clone());
            if key == "href" {
                found.push(value.into_owned());
            } else if COMMAND.contains(&key) {
                command.push(value.into_owned());
            } else {
                let quoted = value.split('"').skip(1).step_by(2);
                found.extend(
                    quoted
                        .filter(|text| text.contains("://"))
                        .map(str::to_owned),
                );
                if value.contains("DDE(") {
                    command.push(value.into_owned());
                }
            }
        }
        if !command.is_empty() {
            self.out.code(&command.join(" "));
        }
        let name = tag.local_name().into_inner();
        for target in found {
            self.target(name, target);
        }
    }

    fn target(&mut self, name: &str, target: String) {
        if !outside::is(&target) {
            return;
        }
        // A share is no link, but what a picture is loaded from.
        if name != "a" && !target.starts_with("http") {
            return outside::target(name, &target, self.out);
        }
        if let Some(Open::Paragraph(paragraph)) = self.open.last_mut() {
            return paragraph.links.push(target);
        }
        match &mut self.sheet {
            Some(sheet) => sheet.links([target]),
            None => self.out.link(&target),
        }
    }
}
