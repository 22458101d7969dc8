//! What an element does to the flow of text.

/// What an element does to the flow of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing: its text belongs to the words around it.
    Inline,
    /// It begins and ends a block.
    Block,
    Heading,
    Item,
    /// Text as it stands, line breaks and all.
    Pre,
    LineBreak,
    Table,
    Row,
    Cell,
    HeaderCell,
    Title,
    Meta,
    Svg,
    /// Its content is no text.
    Hidden,
}

/// The role of the element `name`, lower case.
pub(super) fn role(name: &[u8]) -> Role {
    match name {
        b"script" | b"style" | b"template" | b"noframes" | b"noscript" | b"noembed" | b"iframe" => {
            Role::Hidden
        }
        b"title" => Role::Title,
        b"meta" => Role::Meta,
        b"svg" => Role::Svg,
        b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" => Role::Heading,
        b"li" | b"dd" | b"dt" => Role::Item,
        b"pre" | b"textarea" | b"xmp" | b"listing" | b"plaintext" => Role::Pre,
        b"br" => Role::LineBreak,
        b"table" => Role::Table,
        b"tr" => Role::Row,
        b"td" => Role::Cell,
        b"th" => Role::HeaderCell,
        b"address" | b"article" | b"aside" | b"blockquote" | b"body" | b"caption" | b"center"
        | b"dialog" | b"details" | b"div" | b"dl" | b"fieldset" | b"figcaption" | b"figure"
        | b"footer" | b"form" | b"header" | b"hgroup" | b"hr" | b"html" | b"legend" | b"main"
        | b"menu" | b"nav" | b"ol" | b"optgroup" | b"option" | b"p" | b"search" | b"section"
        | b"select" | b"summary" | b"tbody" | b"tfoot" | b"thead" | b"ul" | b"button" => {
            Role::Block
        }
        _ => Role::Inline,
    }
}
