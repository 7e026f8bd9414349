//! Reading a source as far as its paths go: names and marks, without comments and literals.

/// A path as it is written, with what stands before its braces: `std::sync::Mutex`.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    /// The line of its end, from 1.
    pub(crate) line: usize,
    /// Its parts.
    pub(crate) names: Vec<String>,
}

/// Every path in a source that begins with one of these crates, with the trees of `use` unfolded.
pub(crate) fn paths(tokens: &[Token], roots: &[&str]) -> Vec<Path> {
    let mut paths = Vec::new();
    let aliases = aliases(tokens, roots);
    for (index, token) in tokens.iter().enumerate() {
        let is_new_name = index > 0 && tokens[index - 1].text == "as";
        let alias = aliases
            .iter()
            .find(|(alias, _)| !is_new_name && *alias == token.text);
        let is_root = alias.is_some() || roots.contains(&token.text.as_str());
        let inside = index > 1
            && tokens[index - 1].text == "::"
            && tokens[index - 2].is_name()
            && tokens[index - 2].text != "use";
        if is_root && !inside {
            let first = paths.len();
            unfold(tokens, index, &[], &mut paths);
            if let Some((_, root)) = alias {
                for path in &mut paths[first..] {
                    path.names[0] = (*root).to_owned();
                }
            }
        }
    }
    paths
}

/// The other names that a source gives its roots, with the root: `use std as s`, `extern crate std as s`, `use std::{self as s}`.
fn aliases<'a>(tokens: &'a [Token], roots: &[&str]) -> Vec<(&'a str, &'a str)> {
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text.as_str());
    let root = |index: usize| Some(text(index)).filter(|name| roots.contains(name));
    let renamed = |index: usize| match text(index) {
        "self" => {
            let brace = tokens[..index]
                .iter()
                .rposition(|token| token.text == "{")?;
            root(brace.checked_sub(2)?)
        }
        _ => root(index),
    };
    (1..tokens.len())
        .filter(|index| text(*index) == "as" && !matches!(text(*index + 1), "" | "_"))
        .filter_map(|index| Some((text(index + 1), renamed(index - 1)?)))
        .collect()
}

/// Reads a path or a tree that begins at `index`, below `before`, and returns the index after it.
fn unfold(tokens: &[Token], mut index: usize, before: &[String], paths: &mut Vec<Path>) -> usize {
    let mut names = before.to_vec();
    while let Some(token) = tokens.get(index) {
        match token.text.as_str() {
            "{" => return unfold_braces(tokens, index + 1, &names, paths),
            "*" => names.push("*".to_owned()),
            _ if token.is_name() => names.push(token.text.clone()),
            _ => break,
        }
        index += 1;
        if tokens.get(index).is_none_or(|token| token.text != "::") {
            let line = tokens[index - 1].line;
            paths.push(Path { line, names });
            return index;
        }
        index += 1;
    }
    index
}

fn unfold_braces(
    tokens: &[Token],
    mut index: usize,
    before: &[String],
    paths: &mut Vec<Path>,
) -> usize {
    while let Some(token) = tokens.get(index) {
        match token.text.as_str() {
            "}" => return index + 1,
            "*" | "{" => index = unfold(tokens, index, before, paths).max(index + 1),
            "as" => index += 2,
            _ if token.is_name() => index = unfold(tokens, index, before, paths),
            _ => index += 1,
        }
    }
    index
}

/// A name, a number, or a mark.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    /// The line, from 1.
    pub(crate) line: usize,
    /// As it is written.
    pub(crate) text: String,
}

impl Token {
    fn is_name(&self) -> bool {
        self.text
            .starts_with(|first: char| first.is_alphabetic() || first == '_')
    }
}

/// The tokens of a source, without comments and literals.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut reader = Reader {
        rest: source,
        line: 1,
    };
    let mut tokens = Vec::new();
    while let Some(token) = reader.next_token() {
        tokens.push(token);
    }
    tokens
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl Reader<'_> {
    fn next_token(&mut self) -> Option<Token> {
        loop {
            let first = self.rest.chars().next()?;
            if self.rest.starts_with("//") {
                self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
            } else if self.rest.starts_with("/*") {
                self.skip(comment(self.rest));
            } else if let Some(length) = raw_string(self.rest) {
                self.skip(length);
            } else if first == '"' {
                self.skip(quoted(self.rest));
            } else if first == '\'' {
                self.skip(character_or_lifetime(self.rest));
            } else if first.is_alphanumeric() || first == '_' {
                let is_part = |char: char| char.is_alphanumeric() || char == '_';
                let length = self.rest.find(|char| !is_part(char));
                return Some(self.token(length.unwrap_or(self.rest.len())));
            } else if self.rest.starts_with("::") {
                return Some(self.token(2));
            } else if first.is_whitespace() {
                self.skip(first.len_utf8());
            } else {
                return Some(self.token(first.len_utf8()));
            }
        }
    }

    fn token(&mut self, length: usize) -> Token {
        let (line, text) = (self.line, self.rest[..length].to_owned());
        self.skip(length);
        Token { line, text }
    }

    fn skip(&mut self, length: usize) {
        self.line += self.rest[..length].matches('\n').count();
        self.rest = &self.rest[length..];
    }
}

/// How long a block comment is, with those inside it.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// How long a string literal is that begins here, with its marks.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, char) in text.char_indices().skip(1) {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// How long a raw string literal is, if one begins here: `r"…"`, `br#"…"#`.
fn raw_string(text: &str) -> Option<usize> {
    let after = text.strip_prefix('b').unwrap_or(text).strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let body = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end).map_or(body.len(), |at| at + end.len());
    Some(text.len() - body.len() + length)
}

/// How long a character literal is, or only its mark if it is a lifetime's.
fn character_or_lifetime(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((at, escaped))) => {
            let from = at + escaped.len_utf8();
            text[from..]
                .find('\'')
                .map_or(text.len(), |end| from + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}
