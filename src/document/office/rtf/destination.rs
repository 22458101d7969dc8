//! What the groups of RTF are for. A group behind `\*` that is not in the table is no text.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Destination {
    /// Running text.
    Text,
    /// Text of its own beside the running one: a note, a header, a box.
    Aside,
    /// No text, but groups inside it may be.
    Skip,
    /// No text, and nothing inside it either: it says again what was said.
    Mute,
    FontTable,
    /// One style in the stylesheet.
    Styles,
    Title,
    /// The instruction of a field.
    Instruction,
    /// The template that is loaded when the document is opened.
    Template,
    /// The class or name of an embedded object.
    ObjectName,
    ObjectData,
    /// A property of a shape, which may be a target.
    Target,
    /// The mark before an item of a list.
    ItemMark,
    /// A tag of wrapped HTML.
    HtmlTag,
}

use Destination::{
    Aside, FontTable, HtmlTag, Instruction, ItemMark, Mute, ObjectData, ObjectName, Skip, Styles,
    Target, Template, Title,
};

/// Control words that give their group a destination.
const WORDS: &[(&str, Destination)] = &[
    ("annotation", Aside),
    ("colortbl", Skip),
    ("dptxbxtext", Aside),
    ("fldinst", Instruction),
    ("fonttbl", FontTable),
    ("footer", Aside),
    ("footerf", Aside),
    ("footerl", Aside),
    ("footerr", Aside),
    ("footnote", Aside),
    ("header", Aside),
    ("headerf", Aside),
    ("headerl", Aside),
    ("headerr", Aside),
    ("hlfr", Target),
    ("hlinkbase", Target),
    ("hlloc", Target),
    ("hlsrc", Target),
    ("htmltag", HtmlTag),
    ("info", Skip),
    ("listtext", ItemMark),
    ("nonesttables", Mute),
    ("nonshppict", Mute),
    ("objclass", ObjectName),
    ("objdata", ObjectData),
    ("objname", ObjectName),
    ("pict", Skip),
    ("pntext", ItemMark),
    ("shprslt", Mute),
    ("shptxt", Aside),
    ("sn", Skip),
    ("stylesheet", Styles),
    ("sv", Target),
    ("tc", Skip),
    ("template", Template),
    ("title", Title),
    ("txe", Skip),
    ("upr", Skip),
    ("xe", Skip),
];

/// Groups behind `\*` whose content is what the group around them is.
const TRANSPARENT: &[&str] = &[
    "background",
    "do",
    "nesttableprops",
    "picprop",
    "shpgrp",
    "shpinst",
    "shppict",
    "hl",
];

/// The destination that `word` names.
pub(super) fn of(word: &str) -> Option<Destination> {
    let found = WORDS.binary_search_by(|(name, _)| (*name).cmp(word));
    found.ok().map(|at| WORDS[at].1)
}

/// Whether the group behind `\*` is read like the one around it.
pub(super) fn is_transparent(word: &str) -> bool {
    TRANSPARENT.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(WORDS.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(of("fldinst"), Some(Instruction));
        assert_eq!(of("par"), None);
    }
}
