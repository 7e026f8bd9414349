//! The book's summary: what is added to it, and whether it fits the folders.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use mdbook_driver::MDBook;
use mdbook_driver::book::{BookItem, Chapter, SectionNumber};

use crate::findings::Findings;
use course::course::Course;
use course::names::name_of;

/// The page under which the mistakes' pages hang.
const MISTAKES: &str = "mistakes/index.md";

/// Hangs every page `mistakes/CODE.md` under the page about mistakes, so that a maintainer does not list them by hand.
pub(crate) fn add_mistakes(book: &mut MDBook, root: &Path) -> anyhow::Result<()> {
    let mut pages = Vec::new();
    for path in pages_below(&pages_folder(root).join("mistakes"))? {
        let code = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if code != "index" {
            let text =
                fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            pages.push((code, text));
        }
    }
    book.book.for_each_chapter_mut(|chapter| {
        if chapter.path.as_deref() == Some(Path::new(MISTAKES)) {
            chapter.sub_items = mistakes(chapter, &pages);
        }
    });
    Ok(())
}

fn mistakes(parent: &Chapter, pages: &[(String, String)]) -> Vec<BookItem> {
    let numbered = pages.iter().enumerate().map(|(index, (code, text))| {
        let path = format!("mistakes/{code}.md");
        let parents = vec![parent.name.clone()];
        let mut chapter = Chapter::new(name_of(code), text.clone(), path, parents);
        chapter.number = parent.number.as_ref().map(|number| {
            let last = u32::try_from(index + 1).unwrap_or(u32::MAX);
            SectionNumber::new(number.iter().copied().chain([last]).collect::<Vec<_>>())
        });
        BookItem::Chapter(chapter)
    });
    numbered.collect()
}

/// Finds pages that the summary leaves out, and exercises whose page or part it does not know.
pub(crate) fn check(
    book: &MDBook,
    course: &Course,
    root: &Path,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let listed = listed(book);
    for path in pages_below(&pages_folder(root))? {
        let page = path.strip_prefix(pages_folder(root)).unwrap_or(&path);
        if page != Path::new("SUMMARY.md") && !listed.contains(page) {
            let place = path.strip_prefix(root).unwrap_or(&path);
            findings.add(place, None, "book/pages/SUMMARY.md does not list this page");
        }
    }
    let outline = parts(book);
    for chapter in &course.chapters {
        let place = PathBuf::from(format!("exercises/{}/chapter.toml", chapter.folder));
        let part = outline.iter().find(|part| {
            part.chapters
                .iter()
                .any(|it| it.page.as_deref() == Some(Path::new(&chapter.page)))
        });
        if part.is_none_or(|part| part.title != chapter.part) {
            let what = "the summary does not list this page under this part";
            findings.add(&place, None, &format!("{what}: {}", chapter.page));
        }
        for exercise in chapter
            .exercises
            .iter()
            .filter(|it| !listed.contains(Path::new(&it.page)))
        {
            let what = format!("{}: no such page: {}", exercise.slug, exercise.page);
            findings.add(&place, None, &what);
        }
    }
    Ok(())
}

/// A part of the course, as the summary has it.
pub(crate) struct Part {
    pub(crate) title: String,
    pub(crate) chapters: Vec<Entry>,
}

/// A chapter in the summary; one without a page is not written yet.
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) page: Option<PathBuf>,
}

/// The parts of the summary that have a Roman numeral, and the chapters in them.
pub(crate) fn parts(book: &MDBook) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut inside = false;
    for item in &book.book.items {
        match item {
            BookItem::PartTitle(title) => {
                inside = is_part(title);
                if inside {
                    let (title, chapters) = (title.clone(), Vec::new());
                    parts.push(Part { title, chapters });
                }
            }
            BookItem::Chapter(chapter) if inside => {
                let (name, page) = (chapter.name.clone(), chapter.path.clone());
                if let Some(part) = parts.last_mut() {
                    part.chapters.push(Entry { name, page });
                }
            }
            _ => {}
        }
    }
    parts
}

/// Whether a title begins with a Roman numeral, as those of the course's parts do.
fn is_part(title: &str) -> bool {
    let first = title.split(' ').next().unwrap_or("");
    !first.is_empty() && first.chars().all(|letter| "IVX".contains(letter))
}

/// What the summary calls each page.
pub(crate) fn names(book: &MDBook) -> BTreeMap<PathBuf, String> {
    let chapters = book.book.chapters();
    chapters
        .filter_map(|chapter| Some((chapter.path.clone()?, chapter.name.clone())))
        .collect()
}

fn listed(book: &MDBook) -> BTreeSet<PathBuf> {
    let chapters = book.book.chapters();
    chapters
        .filter_map(|chapter| chapter.path.clone())
        .collect()
}

fn pages_folder(root: &Path) -> PathBuf {
    root.join("book/pages")
}

/// Every Markdown file below a folder, in order.
fn pages_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            pages.extend(pages_below(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    pages.sort();
    Ok(pages)
}
