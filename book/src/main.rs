//! Builds the book of the course.
//!
//! It knows the pages and what they include. It does not know verdicts or a learner's progress.
//!
//! ```text
//! cargo run -p book              builds it into book/html
//! cargo run -p book -- --open    … and opens it in the browser, at the page that is named after it, if one is
//! cargo run -p book -- --check   … and checks it: includes, links, marks, the summary
//! ```
//!
//! Exit status: 0 if the book was built (and, with `--check`, nothing was found), 1 if something was found, 2 if it could not
//! be built or the command was not understood.
//!
//! [`player`] writes the script and the style of the runs that readers step through, so that mdBook takes them in.
//!
//! The way of a page: [`outline`] adds what no summary needs to list by hand, [`directives`] fills in what comes from the
//! exercises and the snapshots, mdBook resolves the includes, [`marks`] takes the course's marks out of included code, and
//! mdBook renders. [`sources`] checks what people wrote, [`links`] checks what came out. What the
//! course consists of, and what a directive asks for, the crate `course` knows.

mod boxes;
mod chart;
mod directives;
mod fences;
mod figure;
mod findings;
mod links;
mod log;
mod map;
mod marks;
mod outline;
mod play;
mod player;
#[cfg(test)]
mod sample;
mod sections;
mod site;
mod sources;
#[cfg(test)]
mod whole_book;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use course::course::Course;
use mdbook_driver::MDBook;

use findings::Findings;

/// What the command line asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Build,
    Open,
    Check,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (mode, page) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => (Mode::Build, None),
        ["--open"] => (Mode::Open, None),
        ["--open", page] => (Mode::Open, Some(page)),
        ["--check"] => (Mode::Check, None),
        _ => {
            eprintln!("book takes --open and perhaps a page, --check or nothing.");
            return ExitCode::from(2);
        }
    };
    match run(mode, page) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("The book could not be built: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Does what was asked, and says whether all is well. `page` is what to open, as a source below `book/pages`.
fn run(mode: Mode, page: Option<&str>) -> anyhow::Result<bool> {
    let root = repository();
    let mut findings = Findings::default();
    let index = build(&root, &mut findings)?;
    if mode == Mode::Check {
        links::check(&root.join("book/html"), &mut findings)?;
        findings.print();
        if findings.is_empty() {
            println!("The book is built, its includes resolve, and its links hold.");
        }
        return Ok(findings.is_empty());
    }
    findings.print();
    let rendered = page.map(|page| root.join("book/html").join(page).with_extension("html"));
    let index = rendered.filter(|page| page.is_file()).unwrap_or(index);
    let path = index.display();
    match mode {
        Mode::Open if opens(&index) => {
            println!("The book is at {path}. If no browser shows it, open this file in one.");
        }
        Mode::Open => println!("No browser could be opened. The book is at {path}."),
        _ => println!("{path}"),
    }
    Ok(true)
}

/// Starts a browser, which is not waited for. Without a desktop to show it on, none is started.
fn opens(index: &Path) -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let can_show = !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"]
            .into_iter()
            .any(is_set);
    can_show && opener::open_browser(index).is_ok()
}

/// The checkout that this package lies in.
fn repository() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR");
    let package = package.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&package)
        .parent()
        .unwrap_or(Path::new("."))
        .to_path_buf()
}

/// Builds the book, and returns its first page.
fn build(root: &Path, findings: &mut Findings) -> anyhow::Result<PathBuf> {
    let course = Course::at(root.to_owned())?;
    player::write(&root.join("book"))?;
    let mut book = MDBook::load(root.join("book"))?;
    site::link(&mut book)?;
    outline::add_mistakes(&mut book, root)?;
    outline::check(&book, &course, root, findings)?;
    sources::check(&book, root, findings);
    directives::expand_all(&mut book, &course, findings);
    book.with_preprocessor(marks::Strip);
    let (built, warnings) = log::collecting(|| book.build());
    built.context("mdBook refused it")?;
    findings.extend(warnings);
    Ok(root.join("book/html/index.html"))
}
