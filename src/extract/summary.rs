//! A few sentences that say what a document is about. Enter at [`summary`].
//!
//! Extractive: the sentences are the document's own. Each is scored by the mean probability of its
//! content words, and a word that was told counts less from then on (SumBasic: Nenkova and
//! Vanderwende, "The Impact of Frequency on Summarization", Microsoft Research, 2005, MSR-TR-2005-101).
//! To it come two cues that are known to tell a report's subject: position, for a report opens with what
//! it is about, and the words of its title (Edmundson, "New Methods in Automatic Extracting", Journal of
//! the ACM 16(2), 1969).

mod words;

use std::collections::HashMap;

use super::context::{markup, sentence};
use crate::document::{BlockKind, Document};
use words::{BOILERPLATE, LEANING, POINTING, STOP};

/// Sentences weighed at most, from the beginning of the document.
const WEIGHED: usize = 400;
/// Bytes of prose read at most.
const READ: usize = 200_000;
/// Sentences told at most.
const TOLD: usize = 4;
/// Length of a sentence that may be told, in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 40..=420;
/// Longest summary, in characters.
const LONGEST: usize = 1_200;
/// How much more a word of the title counts.
const TITLE: f64 = 2.0;
/// How much a sentence counts that leans on one that is not told.
const ALONE: f64 = 0.4;

/// A few sentences of `document`, in its order; `None` where it has no prose.
pub(crate) fn summary(document: &Document) -> Option<String> {
    let sentences = prose(document);
    let words: Vec<Vec<String>> = sentences.iter().map(|sentence| content(sentence)).collect();
    let mut chance: HashMap<&str, f64> = HashMap::new();
    let total: usize = words.iter().map(Vec::len).sum();
    for word in words.iter().flatten() {
        *chance.entry(word).or_default() += 1.0 / total.max(1) as f64;
    }
    for word in content(document.title.as_deref().unwrap_or_default()) {
        if let Some(probability) = chance.get_mut(word.as_str()) {
            *probability *= TITLE;
        }
    }
    let mut told: Vec<usize> = Vec::new();
    let mut room = LONGEST;
    while told.len() < TOLD {
        let best = (0..sentences.len())
            .filter(|index| !told.contains(index) && sentences[*index].chars().count() < room)
            .map(|index| {
                let leans = leans(&sentences[index]);
                let held = index
                    .checked_sub(1)
                    .is_some_and(|above| told.contains(&above));
                let weight = if leans && !held { ALONE } else { 1.0 };
                (index, weight * score(&words[index], &chance, index))
            })
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        let Some((index, _)) = best else { break };
        room -= sentences[index].chars().count() + 1;
        told.push(index);
        for word in &words[index] {
            if let Some(probability) = chance.get_mut(word.as_str()) {
                *probability *= *probability;
            }
        }
    }
    told.sort_unstable();
    let told: Vec<&str> = told
        .into_iter()
        .map(|index| sentences[index].as_str())
        .collect();
    (!told.is_empty()).then(|| told.join(" "))
}

/// Whether `sentence` leans on the one before it: "It then asks …".
fn leans(sentence: &str) -> bool {
    let first = sentence.split([' ', ',']).next().unwrap_or_default();
    LEANING
        .binary_search(&first.to_lowercase().as_str())
        .is_ok()
}

/// The mean probability of a sentence's words, raised near the beginning.
fn score(words: &[String], chance: &HashMap<&str, f64>, place: usize) -> f64 {
    let sum: f64 = words
        .iter()
        .filter_map(|word| chance.get(word.as_str()))
        .sum();
    let position = 1.0 + 2.0 / (1.0 + place as f64 / 3.0);
    sum / words.len().max(1) as f64 * position
}

/// The distinct sentences of running text, white space folded, that may be told.
fn prose(document: &Document) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    let mut read = 0;
    let blocks = document
        .blocks
        .iter()
        .filter(|block| block.kind == BlockKind::Paragraph && !document.is_around(block))
        .map(|block| block.span.clone());
    let whole = document.blocks.is_empty().then_some(0..document.text.len());
    for span in blocks.chain(whole) {
        let Some(text) = document.text.get(span) else {
            continue;
        };
        let text = &text[..text.floor_char_boundary(READ - read)];
        read += text.len();
        let (text, _) = markup::plain(text, 0..0);
        for sentence in sentence::split(&text) {
            let sentence = sentence.split_whitespace().collect::<Vec<_>>().join(" ");
            if is_told(&sentence) && !sentences.contains(&sentence) {
                sentences.push(sentence);
            }
            if sentences.len() == WEIGHED {
                return sentences;
            }
        }
        if read >= READ {
            break;
        }
    }
    sentences
}

/// Whether `sentence` is one of running text and no boilerplate.
fn is_told(sentence: &str) -> bool {
    let characters = sentence.chars().count();
    let words = sentence
        .split(' ')
        .filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1)
        .count();
    let letters = sentence
        .chars()
        .filter(|c| c.is_alphabetic() || *c == ' ')
        .count();
    let spaceless = sentence.ends_with(['。', '！', '？']);
    let lower = sentence.to_lowercase();
    LENGTH.contains(&characters)
        && (words >= 7 || spaceless)
        && letters * 10 >= characters * 8
        && sentence.ends_with(['.', '!', '?', '”', '"', ')', '。', '！', '？'])
        && sentence.starts_with(|c: char| {
            c.is_alphanumeric() && !c.is_lowercase() || matches!(c, '“' | '"')
        })
        && !lower.contains("[.")
        && !lower.contains("hxxp")
        && !lower.contains("://")
        && !BOILERPLATE.iter().any(|phrase| lower.contains(phrase))
        && !POINTING.iter().any(|phrase| lower.contains(phrase))
}

/// The words of a sentence that carry content, lower case.
fn content(sentence: &str) -> Vec<String> {
    sentence
        .split(|c: char| !c.is_alphanumeric() && c != '-')
        .map(str::to_lowercase)
        .filter(|word| word.chars().count() > 2 && STOP.binary_search(&word.as_str()).is_err())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<String> {
        summary(&Document {
            text: text.into(),
            ..Document::default()
        })
    }

    #[test]
    fn the_summary_is_sentences_of_the_document_in_their_order() {
        let text = "The Emberfox group attacks banks with a new loader. The loader of Emberfox hides in signed installers of banks. \
                    We use cookies on this site to make your visit better than ever. Some people like tea in the early morning of the day. \
                    Emberfox moves from the loader to the servers of the banks within hours. The group sells access to the banks that the loader opened.";
        let summary = told(text).unwrap();
        assert!(
            summary.starts_with("The Emberfox group attacks banks with a new loader. "),
            "{summary}"
        );
        assert!(!summary.contains("cookies"), "{summary}");
        let places: Vec<usize> = sentence::split(&summary)
            .iter()
            .map(|sentence| text.find(sentence).unwrap())
            .collect();
        assert!(places.is_sorted() && places.len() >= 3, "{summary}");
    }

    #[test]
    fn markup_captions_and_sentences_that_lean_on_others_are_left_out() {
        let text = "The [Emberfox group](https://a.example/x) **attacks** banks with a new loader. \
                    Figure 2: The Emberfox group and its loader attack banks again. \
                    This leads the Emberfox group to banks with a loader. \
                    The Emberfox loader opens banks to those who pay for it.";
        let summary = told(text).unwrap();
        assert!(
            summary.starts_with("The Emberfox group attacks banks with a new loader. "),
            "{summary}"
        );
        assert!(!summary.contains("Figure"), "{summary}");
        assert!(leans("This leads on.") && !leans("Thistles lead on."));
    }

    #[test]
    fn words_of_the_title_say_what_is_to_be_told() {
        let tea = "Tea is grown on hills where the mist of the morning stays for long. ";
        let loader = "Emberfox hides a loader in installers that were signed by others. ";
        let text = format!(
            "{}{loader}",
            (0..9)
                .map(|n| tea.replace("Tea", &format!("Tea {n}")))
                .collect::<String>()
        );
        let document = Document {
            text,
            title: Some("Emberfox and its loader".into()),
            ..Document::default()
        };
        assert!(summary(&document).unwrap().contains("Emberfox hides"));
    }

    #[test]
    fn a_document_without_prose_has_no_summary() {
        assert_eq!(
            told("evil.example\n192.0.2.1\nHome | About | Contact\n"),
            None
        );
        assert_eq!(told(""), None);
    }

    #[test]
    fn the_cost_is_bounded_on_a_long_text() {
        let text = "This sentence number one tells of a loader that opens banks for others. "
            .repeat(100_000);
        assert_eq!(
            told(&text).unwrap(),
            "This sentence number one tells of a loader that opens banks for others."
        );
    }
}
