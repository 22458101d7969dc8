//! robots.txt, as [RFC 9309](https://www.rfc-editor.org/rfc/rfc9309) has it, and the `Crawl-delay` that many sites write
//! beside it. Enter at [`Robots::read`].

use std::time::Duration;

/// The name that groups of rules call us by.
const TOKEN: &str = "iocsift";
/// Longest pause that is kept: a site that asks for more would be left out.
const MAX_DELAY: Duration = Duration::from_secs(60);

/// What a site asks of us.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Robots {
    rules: Vec<Rule>,
    delay: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    allow: bool,
    pattern: String,
}

/// Rules for one name, as they are gathered.
#[derive(Default)]
struct Group {
    met: bool,
    robots: Robots,
}

impl Robots {
    /// Bytes that are read; the rest of a file is as if it were not there.
    pub const MAX_BYTES: usize = 500 << 10;

    /// Reads a file; what is no rule is skipped.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(Self::MAX_BYTES)]);
        let (mut ours, mut everybody) = (Group::default(), Group::default());
        // Which of the two the lines speak to, and whether it is still being said to whom.
        let (mut to_us, mut to_all, mut naming) = (false, false, false);
        for line in text.trim_start_matches('\u{feff}').lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
            if name == "user-agent" {
                if !naming {
                    (to_us, to_all) = (false, false);
                }
                naming = true;
                let token = value.split('/').next().unwrap_or_default().trim();
                if token.eq_ignore_ascii_case(TOKEN) {
                    (to_us, ours.met) = (true, true);
                } else if token == "*" {
                    to_all = true;
                }
                continue;
            }
            let known = matches!(name.as_str(), "allow" | "disallow" | "crawl-delay");
            // A line such as `Sitemap` belongs to no group, and ends none.
            if !known {
                continue;
            }
            naming = false;
            for (group, spoken_to) in [(&mut ours, to_us), (&mut everybody, to_all)] {
                if spoken_to {
                    group.robots.take(&name, value);
                }
            }
        }
        if ours.met {
            ours.robots
        } else {
            everybody.robots
        }
    }

    fn take(&mut self, name: &str, value: &str) {
        if name == "crawl-delay" {
            let seconds = value
                .parse()
                .ok()
                .and_then(|s| Duration::try_from_secs_f64(s).ok());
            self.delay = seconds.map(|delay| delay.min(MAX_DELAY)).or(self.delay);
        } else if !value.is_empty() {
            self.rules.push(Rule {
                allow: name == "allow",
                pattern: plain(value),
            });
        }
    }

    /// Whether the longest rule for `url` lets us fetch it; where two are as long, the one that does counts.
    #[must_use]
    pub fn allow(&self, url: &str) -> bool {
        let Ok(url) = url::Url::parse(url) else {
            return false;
        };
        if url.path() == "/robots.txt" {
            return true;
        }
        let path = match url.query() {
            Some(query) => plain(&format!("{}?{query}", url.path())),
            None => plain(url.path()),
        };
        self.rules
            .iter()
            .filter(|rule| matches(&rule.pattern, &path))
            .max_by_key(|rule| (rule.pattern.len(), rule.allow))
            .is_none_or(|rule| rule.allow)
    }

    /// The pause that it asks for between two requests; never more than a minute.
    #[must_use]
    pub fn delay(&self) -> Option<Duration> {
        self.delay
    }
}

/// One spelling of a path or pattern: what needs no escape has none, what is no ASCII has one, escapes are upper case.
fn plain(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = String::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = bytes
            .get(at + 1..at + 3)
            .filter(|hex| hex.iter().all(u8::is_ascii_hexdigit))
            .and_then(|hex| std::str::from_utf8(hex).ok());
        match (byte, hex) {
            (b'%', Some(hex)) => {
                let escaped = u8::from_str_radix(hex, 16).unwrap_or(byte);
                if escaped.is_ascii_alphanumeric() || b"-._~".contains(&escaped) {
                    plain.push(char::from(escaped));
                } else {
                    plain.push_str(&format!("%{escaped:02X}"));
                }
                at += 3;
                continue;
            }
            _ if byte.is_ascii_graphic() => plain.push(char::from(byte)),
            _ => plain.push_str(&format!("%{byte:02X}")),
        }
        at += 1;
    }
    plain
}

/// Whether `path` begins as `pattern` says: `*` is any characters, `$` at the end is the end.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, whole) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let parts: Vec<_> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return !whole || rest.is_empty();
    };
    for part in middle {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    if whole {
        rest.ends_with(last)
    } else {
        rest.contains(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file: &str, allowed: &[&str], refused: &[&str]) {
        let robots = Robots::read(file.as_bytes());
        for path in allowed {
            assert!(robots.allow(&format!("https://a.example{path}")), "{path}");
        }
        for path in refused {
            assert!(!robots.allow(&format!("https://a.example{path}")), "{path}");
        }
    }

    #[test]
    fn a_site_that_asks_for_nothing_may_be_fetched() {
        for file in [
            "",
            "\0\u{1}<html>no file</html>",
            "User-agent: *\nDisallow:",
            "Disallow: /",
        ] {
            check(file, &["/", "/a?b"], &[]);
        }
    }

    #[test]
    fn the_group_that_names_us_counts_and_else_the_one_for_everybody() {
        let file = "User-Agent: other\nDisallow: /\n\nUser-agent: *\nDisallow: /all\n\nuser-agent: IocSift/1.0 # us\nuser-agent: third\nDisallow: /us\n\nSitemap: https://a.example/s.xml\nUser-agent: iocsift\nDisallow: /more\n";
        check(
            file,
            &["/all", "/", "/robots.txt"],
            &["/us", "/us/x", "/more"],
        );
        check(
            "User-agent: iocsift\nUser-agent: *\nDisallow: /\n",
            &["/robots.txt"],
            &["/"],
        );
        check(
            "User-agent: *\nDisallow: /\nUser-agent: iocsift\nAllow: /\n",
            &["/x"],
            &[],
        );
        check(
            "User-agent: iocsiftbot\nDisallow: /\nUser-agent: *\nDisallow: /a\n",
            &["/b"],
            &["/a"],
        );
    }

    #[test]
    fn the_longest_rule_counts_and_of_two_the_kinder() {
        check(
            "User-agent: *\nDisallow: /p\nAllow: /p/open\nDisallow: /p/open/not\n",
            &["/", "/p/open", "/p/open/x"],
            &["/p", "/page", "/p/open/not"],
        );
        check(
            "User-agent: *\nAllow: /same\nDisallow: /same\n",
            &["/same"],
            &[],
        );
        check(
            "User-agent: *\nDisallow: /same\nAllow: /same\n",
            &["/same"],
            &[],
        );
    }

    #[test]
    fn stars_are_anything_and_a_dollar_is_the_end() {
        check(
            "User-agent: *\nDisallow: /*.pdf$\nDisallow: /a/*/c\nDisallow: *?print=\n",
            &["/x.pdf?a", "/x.pdfs", "/a/b", "/a/c", "/?q=print"],
            &["/x.pdf", "/y/x.pdf", "/a/b/c", "/a/b/b/cd", "/x?print=1"],
        );
        check(
            "User-agent: *\nDisallow: /$\nDisallow: /exact$\n",
            &["/a", "/exact/"],
            &["/", "/exact"],
        );
        check(
            "User-agent: *\nDisallow: /ab*b$\n",
            &["/ab"],
            &["/abb", "/abxb"],
        );
    }

    #[test]
    fn escapes_are_the_same_in_every_spelling() {
        check(
            "User-agent: *\nDisallow: /b\u{fc}cher\nDisallow: /%7Ename\nDisallow: /a%2fb\n",
            &["/a/b", "/buecher"],
            &["/b%c3%bccher", "/~name", "/%7ename", "/a%2Fb"],
        );
    }

    #[test]
    fn a_pause_is_kept_up_to_a_minute() {
        let delay = |line: &str| {
            Robots::read(format!("User-agent: *\nCrawl-delay: {line}\n").as_bytes()).delay()
        };
        assert_eq!(delay("2.5"), Some(Duration::from_millis(2500)));
        assert_eq!(delay("86400"), Some(MAX_DELAY));
        for odd in ["", "soon", "-1", "NaN", "inf"] {
            assert_eq!(delay(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_file_without_end_is_read_up_to_the_limit() {
        let mut file =
            format!("User-agent: *\n{}", "#\n".repeat(Robots::MAX_BYTES / 2)).into_bytes();
        file.extend_from_slice(b"Disallow: /\n");
        assert!(Robots::read(&file).allow("https://a.example/"));
        let stars = format!("User-agent: *\nDisallow: /{}\n", "*a".repeat(100_000));
        assert!(
            Robots::read(stars.as_bytes())
                .allow(&format!("https://a.example/{}", "a".repeat(2_000)))
        );
    }
}
