//! What an operator trusts: on each line a value, `.suffix` for names and those below, or a network; behind it, with
//! blanks between, the kinds that it is for. Without kinds it is for all, but never for a page on a trusted host:
//! whoever means that says `url`.

use super::{Columns, Draft, Unreadable, header};
use crate::indicator::Kind;
use crate::lists::entry::{Entries, Refusal, Rule};
use crate::network::Network;

pub(super) fn read(text: &str, _: &Columns, draft: &mut Draft) -> Result<(), Unreadable> {
    for line in text.lines() {
        if header::comment(line).is_some() {
            continue;
        }
        let line = header::value(line);
        if !line.is_empty() {
            draft.take(line, add);
        }
    }
    Ok(())
}

fn add(entries: &mut Entries, line: &str) -> Result<(), Refusal> {
    let mut words = line.split_whitespace();
    let value = words.next().unwrap_or_default();
    let kinds: Vec<Kind> = words
        .map(|word| word.parse().map_err(|_| Refusal::Kind))
        .collect::<Result<_, _>>()?;
    let rule = if value.starts_with('.') || value.starts_with("*.") {
        Rule::Name
    } else if value.parse::<Network>().is_ok() {
        Rule::Network
    } else {
        Rule::Exact
    };
    if kinds.is_empty() {
        return entries.add(rule, None, value);
    }
    kinds
        .into_iter()
        .try_for_each(|kind| entries.add(rule, Some(kind), value))
}

#[cfg(test)]
mod tests {
    use super::super::{Columns, ListFormat, read};
    use crate::indicator::Kind;
    use crate::lists::Rule;

    #[test]
    fn values_suffixes_and_networks_have_the_kinds_that_they_are_for() {
        let text = "# ours\nwww.corp.example\n.corp.example  domain url # all of it\n198.51.100.0/24 ipv4\n\
                    D41D8CD98F00B204E9800998ECF8427E\n";
        let read = read(ListFormat::Allowlist, &Columns::default(), text.as_bytes()).unwrap();
        let entries: Vec<_> = read
            .entries
            .iter()
            .map(|e| (e.rule, e.kind, e.value))
            .collect();
        assert_eq!(
            entries,
            [
                (Rule::Exact, None, "www.corp.example"),
                (Rule::Name, Some(Kind::Domain), "corp.example"),
                (Rule::Name, Some(Kind::Url), "corp.example"),
                (Rule::Network, Some(Kind::Ipv4), "198.51.100.0/24"),
                (Rule::Exact, None, "d41d8cd98f00b204e9800998ecf8427e"),
            ]
        );
    }

    #[test]
    fn an_unknown_kind_is_said() {
        let read = read(
            ListFormat::Allowlist,
            &Columns::default(),
            b"a.example hostname\n",
        );
        assert!(
            read.unwrap_err()
                .to_string()
                .ends_with("no kind that can be listed")
        );
    }
}
