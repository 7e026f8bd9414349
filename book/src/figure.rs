//! Pictures of runs.

use picture::{Picture, parse, svg, words};

/// The picture of a run in its text form, as a figure. It has no blank line, so it stands in Markdown as it is.
///
/// # Errors
///
/// If the text is no run.
pub(crate) fn draw(name: &str, run: &str) -> Result<String, String> {
    let parsed = parse::parse(run).map_err(|complaint| format!("{name}: {complaint}"))?;
    let picture = Picture::of(&parsed.recording, parsed.marked);
    let id = format!("picture-{}", named(name, "-"));
    let title = format!("A run: {}", named(name, " "));
    let image = svg::draw(&picture, &id, &title, svg::Notes::Outside);
    // A wide picture scrolls sideways in a narrow window: by keyboard, too, since the figure can have the focus.
    Ok(format!(
        "<figure class=\"picture\">\n<div tabindex=\"0\">\n{image}</div>\n{}</figure>",
        caption(&picture)
    ))
}

/// The sentences below a picture, if it has any.
fn caption(picture: &Picture) -> String {
    let notes: Vec<String> = words::notes(picture)
        .iter()
        .map(|note| svg::escape(note))
        .collect();
    if notes.is_empty() {
        return String::new();
    }
    format!("<figcaption>{}</figcaption>\n", notes.join("<br>\n"))
}

/// The words of a name.
fn named(name: &str, between: &str) -> String {
    let words = name.split(|letter: char| !letter.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_holds_the_image_and_the_run_in_words() {
        let figure = draw("oneshot/first-waker-only", " 1  A  woken\n").expect("it is a run");
        assert!(
            figure.contains(
                "id=\"picture-oneshot-first-waker-only-title\">A run: oneshot first waker only<"
            ),
            "{figure}"
        );
        assert!(
            figure.contains("A run of one step in one row, A."),
            "{figure}"
        );
        assert!(!figure.contains("\n\n"), "{figure}");
    }

    #[test]
    fn what_is_no_run_is_refused() {
        let complaint = "x: Line 1 is none of a recording's text form.".to_owned();
        assert_eq!(draw("x", "hello"), Err(complaint));
    }
}
