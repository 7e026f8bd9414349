//! The box that sends a reader from a page to an exercise.

use std::fmt::Write as _;
use std::path::{Component, Path};

use course::course::Exercise;

use crate::site;

/// The box of one exercise, as HTML.
pub(crate) fn exercise(exercise: &Exercise, page: &Path) -> String {
    let mut html = String::from("<div class=\"exercise\">\n");
    let number = &exercise.number;
    let title = escape(&exercise.title);
    let _ = writeln!(
        html,
        "<p class=\"exercise-title\">Exercise {number} · {title}</p>"
    );
    let file = format!("<code>{}</code>", exercise.file());
    let file = match site::repository() {
        Some(repository) => {
            let address = format!("{repository}/blob/main/{}", exercise.file());
            format!("<a href=\"{}\">{file}</a>", escape(&address))
        }
        None => file,
    };
    let _ = writeln!(html, "<p>{} · {file}</p>", effort(exercise));
    let _ = writeln!(
        html,
        "<pre><code class=\"language-console\">$ cargo learn check {}</code></pre>",
        exercise.name()
    );
    let first = Path::new(&exercise.page);
    if first != page {
        let href = relative(first, page);
        let _ = writeln!(html, "<p>Read first: <a href=\"{href}\">its page</a>.</p>");
    }
    html.push_str("</div>\n");
    html
}

/// `build · 20 min · optional`
pub(crate) fn effort(exercise: &Exercise) -> String {
    let optional = if exercise.optional {
        " · optional"
    } else {
        ""
    };
    let kind = exercise.kind.name();
    format!("{kind} · about {} min{optional}", exercise.minutes)
}

/// The address of one page, as a link on another page has it. Both are relative to the pages' folder.
pub(crate) fn relative(target: &Path, page: &Path) -> String {
    let up = page.components().count().saturating_sub(1);
    let target = target.with_extension("html");
    let names = target.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    let names: Vec<String> = names.collect();
    format!("{}{}", "../".repeat(up), names.join("/"))
}

/// Text in HTML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_box_names_number_file_and_command() {
        let course = sample::course();
        let found = course::id::find(&course, "running-average").unwrap();
        let html = exercise(found, Path::new("01-generators/index.md"));
        for part in [
            "Exercise 1.2 · Values sent in",
            "build · about 20 min · optional",
            "exercises/01-generators/src/running_average.rs",
            "cargo learn check running-average",
            "href=\"../01-generators/sending.html\"",
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
    }
}
