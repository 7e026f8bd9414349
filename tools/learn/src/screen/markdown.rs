//! Markdown for the terminal: headings stand out, code is indented, links are their text.

use crate::screen::paint::{Ink, Paint};

/// A page as it is read in a terminal.
#[must_use]
pub fn draw(page: &str, paint: Paint) -> String {
    let mut out = String::new();
    let mut in_code = false;
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if in_code {
            push(&mut out, &format!("    {line}"));
        } else if let Some(heading) = line
            .trim_start_matches('#')
            .strip_prefix(' ')
            .filter(|_| line.starts_with('#'))
        {
            push(&mut out, &paint.ink(Ink::Strong, heading));
        } else {
            push(&mut out, &without_links(line));
        }
    }
    out.trim_end().to_owned() + "\n"
}

fn push(out: &mut String, line: &str) {
    out.push_str(line.trim_end());
    out.push('\n');
}

/// `[text](address)` becomes `text`.
fn without_links(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, text, after)) = first_link(rest) {
        out.push_str(before);
        out.push_str(text);
        rest = after;
    }
    out + rest
}

fn first_link(line: &str) -> Option<(&str, &str, &str)> {
    let middle = line.find("](")?;
    let begin = line[..middle].rfind('[')?;
    let end = middle + line[middle..].find(')')?;
    Some((&line[..begin], &line[begin + 1..middle], &line[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_code_and_links_read_well_without_a_browser() {
        let page = "# code\n\nSee [the page](a/b.md) and [more](c.md).\n\n```rust\nlet a = b[0](1);\n```\n";
        let paint = Paint {
            colour: false,
            width: 80,
        };
        assert_eq!(
            draw(page, paint),
            "code\n\nSee the page and more.\n\n    let a = b[0](1);\n"
        );
    }
}
