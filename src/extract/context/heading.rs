//! The heading above the list that a value stands in. Enter at [`Headings::above`].
//!
//! The way up from one entry ends where that of the entry above it ended: it is remembered, so that a
//! long list is climbed once.

use super::description::{LABEL, LONGEST, clean, says_more};
use super::{at_colon, phrase};
use crate::document::BlockKind;
use crate::extract::candidate::Text;
use crate::extract::lexicon::Lexicon;
use crate::extract::{sweep, token};

/// How many lines or blocks a heading may stand above a value of its list.
const LIST: usize = 128;

/// Headings that say no more than that indicators follow, lower case.
static GENERIC: Lexicon = Lexicon::new(&[
    "about",
    "about us",
    "analysis",
    "appendix",
    "appendix a",
    "appendix b",
    "appendix c",
    "appendix: indicators of compromise",
    "back to top",
    "blog",
    "categories",
    "conclusion",
    "contact",
    "contact us",
    "description",
    "details",
    "example",
    "examples",
    "further reading",
    "home",
    "host-based indicators",
    "indicator of compromise",
    "indicators",
    "indicators of compromise",
    "indicators of compromise (iocs)",
    "introduction",
    "ioc",
    "iocs",
    "iocs:",
    "links",
    "menu",
    "more information",
    "navigation",
    "network indicators",
    "note",
    "notes",
    "overview",
    "references",
    "related",
    "related articles",
    "related posts",
    "resources",
    "search",
    "see also",
    "share",
    "share this",
    "source",
    "sources",
    "summary",
    "table of contents",
    "tags",
    "technical analysis",
    "technical details",
]);

/// What is known of the headings of one text. Values are asked for from its start to its end.
#[derive(Default)]
pub(super) struct Headings {
    /// By the number of a line.
    line: Option<Climb>,
    /// By the index of a block.
    block: Option<Climb>,
}

/// The way up from one entry of a list.
struct Climb {
    from: usize,
    said: Option<String>,
    /// Lines or blocks to where it ended.
    steps: usize,
}

impl Climb {
    /// The way that ends at what says `said`; it names nothing where it only repeats the kind of a value.
    fn to(said: Option<String>, from: usize, steps: usize) -> Self {
        let said = said.filter(|said| says_more(said));
        Self { from, said, steps }
    }

    /// The same way, begun `steps` further down.
    fn longer(self, from: usize, steps: usize) -> Self {
        let steps = self.steps + steps;
        Self {
            from,
            said: self.said.filter(|_| steps <= LIST),
            steps,
        }
    }
}

impl Headings {
    /// The heading or the paragraph with a colon above the list that holds `offset`, where it says more than
    /// the kind of a value.
    pub(super) fn above(&mut self, text: &Text<'_>, offset: usize) -> Option<&str> {
        let own = text.block_at(offset);
        let said = own.and_then(|block| text.str().get(block.span.clone()));
        match own.map(|block| block.kind) {
            Some(BlockKind::Code) if opens_mail(said.unwrap_or_default()) => return None,
            // A value in running text belongs to its sentence, wherever that stands.
            Some(BlockKind::ListItem) if !is_entry(said.unwrap_or_default()) => return None,
            _ => {}
        }
        let listed =
            own.filter(|block| !matches!(block.kind, BlockKind::Paragraph | BlockKind::Heading));
        let (known, climb) = match listed {
            Some(_) => {
                let climb = self.up_blocks(text, text.block_index(offset)?);
                (&mut self.block, climb)
            }
            None => {
                let climb = self.up_lines(text, text.line_number(offset))?;
                (&mut self.line, climb)
            }
        };
        known.insert(climb).said.as_deref()
    }

    fn up_blocks(&mut self, text: &Text<'_>, from: usize) -> Climb {
        let ends = |said, steps| Climb::to(said, from, steps);
        for steps in 0..=LIST.min(from) {
            let index = from - steps;
            if let Some(known) = self.block.take_if(|known| known.from == index) {
                return known.longer(from, steps);
            }
            let block = &text.document().blocks[index];
            let said = text.str().get(block.span.clone()).unwrap_or_default();
            match block.kind {
                BlockKind::Heading => return ends(title(said), steps),
                BlockKind::Paragraph => return ends(last_clause(said).and_then(title), steps),
                _ => {}
            }
        }
        ends(None, LIST)
    }

    /// `None` where the line with number `from` is no entry of a list.
    fn up_lines(&mut self, text: &Text<'_>, from: usize) -> Option<Climb> {
        let whole = text.str();
        if let Some(known) = self.line.take_if(|known| known.from == from) {
            return Some(known.longer(from, 0));
        }
        if !is_entry(&whole[text.line(from)]) {
            return None;
        }
        let ends = |said, steps| Some(Climb::to(said, from, steps));
        let mut blank = 0;
        for steps in 1..=LIST {
            let Some(number) = from.checked_sub(steps) else {
                return ends(None, steps);
            };
            let line = text.line(number);
            let said = whole[line.clone()].trim();
            if is_blank(said) {
                blank += 1;
                if blank > 3 {
                    return ends(None, steps);
                }
            } else if let Some(said) = last_clause(said).and_then(title).or_else(|| marked(said)) {
                return ends(Some(said), steps);
            } else if let Some(known) = self.line.take_if(|known| known.from == number) {
                return Some(known.longer(from, steps));
            } else if is_entry(said) {
                blank = 0;
            } else {
                // A short line of words that stands alone above a list is its heading.
                let alone = said.len() <= LABEL
                    && blank == 0
                    && !said.ends_with(['.', ','])
                    && at_colon(said).is_none()
                    && !said.starts_with(char::is_lowercase)
                    && !is_rest(text, line.start);
                return ends(alone.then(|| title(said)).flatten(), steps);
            }
        }
        ends(None, LIST)
    }
}

/// Whether `code` is the headers of a mail: its subject names none of the hosts in them.
pub(super) fn opens_mail(code: &str) -> bool {
    let first = code.lines().next().unwrap_or_default();
    at_colon(first).is_some_and(|(name, _)| {
        name.starts_with(|c: char| c.is_ascii_uppercase())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
    })
}

/// Whether the line that starts at `start` is the rest of an entry that was wrapped.
fn is_rest(text: &Text<'_>, start: usize) -> bool {
    let begins = text
        .block_at(start)
        .is_some_and(|block| block.span.start == start);
    !begins
        && start.checked_sub(1).is_some_and(|end| {
            let above = text.line_at(end);
            text.wraps(&above) && is_entry(&text.str()[above])
        })
}

/// Whether a line holds nothing, or a rule.
fn is_blank(line: &str) -> bool {
    line.bytes()
        .all(|byte| matches!(byte, b'-' | b'=' | b'`' | b'~'))
}

/// Whether a line is one entry of a list: a value with hardly a word.
fn is_entry(line: &str) -> bool {
    /// Most words of an entry.
    const HARDLY: usize = 3;
    let line = line
        .get(..line.floor_char_boundary(LABEL * 4))
        .unwrap_or(line);
    let is_word = |word: &&str| {
        let ascii = word.bytes().all(|byte| byte.is_ascii_alphabetic());
        word.len() > 1 && (ascii || !word.is_ascii() && word.chars().all(char::is_alphabetic))
    };
    let is_prose = || match line.is_ascii() {
        true => {
            let mut words = line.split_ascii_whitespace().filter(is_word);
            may_have_words(line, HARDLY + 1) && words.nth(HARDLY).is_some()
        }
        false => {
            let mut words = line.split_whitespace().filter(is_word);
            words.nth(HARDLY).is_some()
        }
    };
    // Nothing but ASCII and no blank: that is one word.
    let one_word = !sweep::any(line.as_bytes(), |byte| (byte <= b' ') | (byte >= 0x80));
    (one_word || !is_prose()) && line.bytes().any(|byte| OF_VALUES[usize::from(byte)])
}

/// The bytes of which a value has one at least.
static OF_VALUES: [bool; 256] = token::table(b"0123456789.\\/[");

/// Whether `line`, all ASCII, has the blanks that stand between `words` words: most entries have not.
fn may_have_words(line: &str, words: usize) -> bool {
    // As many as a counter of one byte holds: compilers make vectors of such sums.
    const COUNTED: usize = u8::MAX as usize;
    let blanks = |part: &[u8]| part.iter().map(|byte| u8::from(*byte <= b' ')).sum::<u8>();
    let parts = line.as_bytes().chunks(COUNTED);
    parts.map(|part| usize::from(blanks(part))).sum::<usize>() + 1 >= words
}

/// The end of a text that closes with a colon: "… the following C2 servers:".
fn last_clause(said: &str) -> Option<&str> {
    let said = said.trim_end().strip_suffix([':', '：'])?;
    let near = &said[said.ceil_char_boundary(said.len().saturating_sub(LONGEST))..];
    near.rsplit(['.', '\n', ';']).next()
}

/// A heading of a markup language: `## C2`, `== C2`, `.C2`.
fn marked(line: &str) -> Option<String> {
    line.starts_with("# ")
        .then_some(())
        .or_else(|| line.starts_with("##").then_some(()))
        .or_else(|| line.starts_with("==").then_some(()))?;
    title(line)
}

/// `said` as the title of a list; `None` where it says nothing.
fn title(said: &str) -> Option<String> {
    const FEW: usize = 7;
    let said = clean(said);
    // AsciiDoc opens the title of a block with a dot.
    let said = match said.strip_prefix('.') {
        Some(title) if !title.starts_with("NET") => title,
        _ => said,
    };
    let many = said.split_whitespace().count() > FEW;
    let said = if many { announced(said)? } else { said };
    let last = said.rsplit(' ').next().unwrap_or_default();
    (said.len() > 1
        && said.len() <= LONGEST
        && !GENERIC.contains_any_case(said)
        && !phrase::is_joint(last)
        && !is_furniture(said)
        && phrase::is_words(said))
    .then(|| said.to_owned())
}

/// Whether a line stands on every page: a marking, a page number.
fn is_furniture(said: &str) -> bool {
    let begins = |with: &str| {
        let head = said.as_bytes().get(..with.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(with.as_bytes()))
    };
    let page = "page ";
    let counts = || {
        said.as_bytes()
            .get(page.len())
            .is_some_and(u8::is_ascii_digit)
    };
    begins("tlp:") || begins(page) && counts()
}

/// What a sentence before a list says that follows: "We saw the following C2 servers of the group".
fn announced(said: &str) -> Option<&str> {
    const ANNOUNCING: &[&str] = &["following ", "these ", "several ", "list of ", "below "];
    let rest = ANNOUNCING
        .iter()
        .filter_map(|word| said.rfind(word).map(|at| at + word.len()))
        .max()
        .and_then(|at| said.get(at..))?;
    let mut end = 0;
    for word in rest.split(' ') {
        if phrase::is_joint(word) {
            break;
        }
        end += word.len() + 1;
    }
    let named = rest[..end.saturating_sub(1).min(rest.len())].trim_end_matches([',', ' ']);
    phrase::ends_with_noun(named).then_some(named)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{described, described_all};
    use super::*;

    fn said(text: &str, value: &str) -> Option<String> {
        described(text, value).1
    }

    #[test]
    fn the_heading_of_a_list_names_its_values() {
        assert_eq!(
            said(
                "We saw these.\n\nC2 servers:\na.example\nb.example\n\nc.example",
                "c.example"
            )
            .as_deref(),
            Some("C2 servers")
        );
        assert_eq!(
            said("## Phishing pages\n\na.example\n", "a.example").as_deref(),
            Some("Phishing pages")
        );
        assert_eq!(
            said("Indicators of compromise:\n\na.example\n", "a.example"),
            None
        );
    }

    #[test]
    fn a_sentence_before_a_list_names_its_values_by_what_it_announces() {
        let list = "We have seen that the group used the following C2 servers in the last weeks:\n\n- a.example\n- b.example\n";
        assert_eq!(said(list, "b.example").as_deref(), Some("C2 servers"));
        let list = "Some of the things that we have observed of this group in all that time:\n\n- a.example\n";
        assert_eq!(said(list, "a.example"), None);
        assert_eq!(
            said(
                "More of it is told by them at\nhttps://a.example/x",
                "https://a.example/x"
            ),
            None
        );
    }

    #[test]
    fn each_list_has_its_own_heading_though_no_blank_line_is_left() {
        let hash = |first: char| format!("{first}{}", &"0a1b2c3d".repeat(4)[1..]);
        let text = format!(
            "Archives\n{}\n{}\n\nDroppers\n{}\n{}\n",
            hash('1'),
            hash('2'),
            hash('3'),
            hash('4')
        );
        let (_, document) =
            crate::document::read(text.as_bytes(), None, &Default::default()).unwrap();
        let called: Vec<_> = crate::extract::scan(&document)
            .into_iter()
            .filter_map(|finding| finding.description)
            .collect();
        assert_eq!(called, ["Archives", "Archives", "Droppers", "Droppers"]);
    }

    #[test]
    fn the_rest_of_a_sentence_and_what_stands_on_every_page_is_no_heading() {
        for above in ["working directory", "TLP:CLEAR", "Page 3 of 9"] {
            assert_eq!(
                said(&format!("Words.\n\n{above}\na.example\n"), "a.example"),
                None
            );
        }
    }

    #[test]
    fn the_rest_of_a_wrapped_entry_is_no_heading() {
        let text = "one[.]example-with-a-long-name[.]onl\nine\ntwo[.]example-with-a-long-name[.]onl\nine\nthr[.]example-with-a-long-name[.]onl\nine";
        assert_eq!(said(text, "two[.]example-with-a-long-name[.]onl"), None);
    }

    #[test]
    fn a_heading_holds_for_the_entries_of_a_long_list_and_for_no_more() {
        let list: Vec<String> = (0..200).map(|n| format!("host{n}.example")).collect();
        let text = format!("Relays:\n{}", list.join("\n"));
        let all = described_all(&text, &list);
        assert!(
            all[..LIST]
                .iter()
                .all(|said| said.as_deref() == Some("Relays"))
        );
        assert!(all[LIST..].iter().all(Option::is_none));
        assert_eq!(said(&text, &list[LIST - 1]).as_deref(), Some("Relays"));
        assert_eq!(said(&text, &list[LIST]), None);
    }
}
