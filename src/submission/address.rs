//! Addresses of reports. Enter at [`web_address`].

use url::Url;

/// Characters of a URL.
const MAX_URL_CHARS: usize = 2048;

/// The one spelling of a URL, without its fragment.
///
/// # Errors
/// What is wrong with it, as the end of a sentence.
pub fn web_address(typed: &str) -> Result<String, &'static str> {
    let typed = typed.trim();
    if typed.chars().count() > MAX_URL_CHARS {
        return Err("is longer than 2,048 characters");
    }
    if typed.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err("has a space, a control character or a backslash in it");
    }
    let mut url =
        Url::parse(typed).map_err(|_| "is not an absolute URL such as https://host/path")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("must begin with http:// or https://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not carry a user name or password");
    }
    url.set_fragment(None);
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_one_spelling() {
        for (typed, url) in [
            ("https://Example.COM", "https://example.com/"),
            (
                " http://example.com:80/a/../b?q=1#part ",
                "http://example.com/b?q=1",
            ),
            ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ] {
            assert_eq!(web_address(typed).as_deref(), Ok(url), "{typed}");
        }
    }

    #[test]
    fn what_is_no_web_address_is_refused() {
        let long = format!("http://example.com/{}", "a".repeat(MAX_URL_CHARS));
        for bad in [
            "",
            "not a url",
            "example.com",
            "ftp://example.com/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://",
            "http://user@example.com/",
            "http://a:b@example.com/",
            "http://exam\tple.com/",
            "http://a\\b/",
            "http://a/\0",
            &long,
        ] {
            assert!(web_address(bad).is_err(), "{bad}");
        }
    }
}
