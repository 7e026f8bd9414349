//! Checks the rendered pages: every link inside the book leads somewhere, and nothing is loaded from outside of it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::Context;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, states::RawKind,
};

use crate::findings::Findings;

/// Checks the book in a folder.
pub(crate) fn check(html: &Path, findings: &mut Findings) -> anyhow::Result<()> {
    let mut pages = BTreeMap::new();
    for path in files_below(html)? {
        let name = path.strip_prefix(html).unwrap_or(&path).to_path_buf();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("html") => {
                let text = fs::read_to_string(&path)
                    .with_context(|| format!("reading {}", path.display()))?;
                pages.insert(name, Page::parse(&text));
            }
            Some("css") => check_style(&path, &name, findings)?,
            _ => {}
        }
    }
    // All pages on one, for printing, says nothing that the pages themselves have not said.
    pages.remove(Path::new("print.html"));
    for (name, page) in &pages {
        check_page(name, page, &pages, html, findings);
    }
    Ok(())
}

fn check_page(
    name: &Path,
    page: &Page,
    pages: &BTreeMap<PathBuf, Page>,
    html: &Path,
    findings: &mut Findings,
) {
    let place = Path::new("book/html").join(name);
    for address in page.loads.iter().filter(|address| is_remote(address)) {
        findings.add(&place, None, &format!("loads a remote file: {address}"));
    }
    // The page that a web server shows for an unknown address has the site's root as its base, which a folder lacks.
    if name == Path::new("404.html") {
        return;
    }
    for address in page.loads.iter().chain(&page.links) {
        if !is_remote(address) && !holds(name, address, pages, html) {
            findings.add(&place, None, &format!("a link leads nowhere: {address}"));
        }
    }
}

/// Whether a link on a page leads to a file, and to an id on it if it names one.
fn holds(page: &Path, address: &str, pages: &BTreeMap<PathBuf, Page>, html: &Path) -> bool {
    let (path, fragment) = address.split_once('#').unwrap_or((address, ""));
    let path = path.split('?').next().unwrap_or("");
    let target = match path {
        "" => page.to_path_buf(),
        path => normal(&page.parent().unwrap_or(Path::new("")).join(path)),
    };
    match (pages.get(&target), fragment) {
        (Some(_), "") => true,
        (Some(found), fragment) => found.ids.contains(fragment),
        (None, _) => html.join(&target).is_file(),
    }
}

/// A path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

/// Whether an address leaves the book: `https:`, `mailto:`, `//host`.
fn is_remote(address: &str) -> bool {
    let scheme = address.split(['/', '#', '?']).next().unwrap_or("");
    address.starts_with("//") || scheme.contains(':')
}

fn check_style(path: &Path, name: &Path, findings: &mut Findings) -> anyhow::Result<()> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let loads = text
        .split("url(")
        .skip(1)
        .map(|rest| rest.trim_start_matches(['"', '\'']));
    for address in loads.filter(|rest| rest.starts_with("http") || rest.starts_with("//")) {
        let address = address.split([')', '"', '\'']).next().unwrap_or("");
        let place = Path::new("book/html").join(name);
        findings.add(&place, None, &format!("loads a remote file: {address}"));
    }
    Ok(())
}

/// What a rendered page offers and asks for.
#[derive(Debug, Default)]
struct Page {
    ids: BTreeSet<String>,
    /// Where its anchors lead.
    links: BTreeSet<String>,
    /// What a browser fetches by itself.
    loads: BTreeSet<String>,
}

impl Page {
    fn parse(text: &str) -> Page {
        let input = BufferQueue::default();
        input.push_back(StrTendril::from(text));
        let tokenizer = Tokenizer::new(Sink::default(), Default::default());
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        tokenizer.sink.0.into_inner()
    }

    fn take(&mut self, tag: &Tag) {
        for attribute in &tag.attrs {
            let value = attribute.value.to_string();
            match (&*tag.name, &*attribute.name.local) {
                (_, "id") => self.ids.insert(value),
                ("a", "href") => self.links.insert(value),
                ("link", "href") | (_, "src") => self.loads.insert(value),
                _ => continue,
            };
        }
    }
}

#[derive(Default)]
struct Sink(RefCell<Page>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let Token::TagToken(tag) = token else {
            return TokenSinkResult::Continue;
        };
        if tag.kind == TagKind::EndTag {
            return TokenSinkResult::Continue;
        }
        self.0.borrow_mut().take(&tag);
        match &*tag.name {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" => TokenSinkResult::RawData(RawKind::Rawtext),
            _ => TokenSinkResult::Continue,
        }
    }
}

fn files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_for_ids_links_and_what_it_loads() {
        let page = Page::parse(
            "<h2 id=\"a-b\">x</h2><a href=\"x.html#y\">z</a><script src=\"s.js\">'<a href=no>'</script>",
        );
        assert!(page.ids.contains("a-b"));
        assert_eq!(page.links.iter().collect::<Vec<_>>(), ["x.html#y"]);
        assert_eq!(page.loads.iter().collect::<Vec<_>>(), ["s.js"]);
    }

    #[test]
    fn a_link_needs_its_page_and_its_fragment() {
        let page = |text: &str| Page::parse(text);
        let pages = BTreeMap::from([
            (PathBuf::from("a/one.html"), page("<p id=\"here\">")),
            (PathBuf::from("two.html"), page("")),
        ]);
        let holds = |address: &str| {
            holds(
                Path::new("a/one.html"),
                address,
                &pages,
                Path::new("/nowhere"),
            )
        };
        assert!(holds("../two.html") && holds("#here") && holds("one.html#here"));
        assert!(!holds("two.html") && !holds("#there") && !holds("../two.html#here"));
    }

    #[test]
    fn what_leaves_the_book_is_remote() {
        assert!(is_remote("https://example.org/x") && is_remote("//cdn") && is_remote("mailto:x"));
        assert!(!is_remote("a/b.html#c:d") && !is_remote("#a:b"));
    }
}
