//! What differs between the lines that came and those that should have come, where it has a name.

/// The name of a difference, and what was seen.
pub(super) struct Difference {
    pub(super) mistake: &'static str,
    pub(super) sentence: String,
}

/// Compares lines in words, as `in_words` makes them. `limit` is the longest that a line may be.
pub(super) fn difference(all: &[String], right: &[String], limit: usize) -> Option<Difference> {
    let named = |mistake, sentence: String| Some(Difference { mistake, sentence });
    let without_empty = |lines: &[String]| -> Vec<String> {
        let lines = lines.iter().filter(|line| *line != "\"\"");
        lines.cloned().collect()
    };
    if all.len() < right.len() && without_empty(all) == without_empty(right) {
        return named(
            "empty-line-lost",
            "An empty line came, and `next` did not return it. A line of 0 bytes is a line."
                .to_owned(),
        );
    }
    let same = all
        .iter()
        .zip(right)
        .take_while(|(came, right)| came == right);
    let at = same.count();
    let expected = right.get(at)?;
    let Some(came) = all.get(at) else {
        return match expected.as_str() {
            "not text" => named(
                "not-text-ends-it",
                "A line is not UTF-8, and `next` returned `None`. It should return `NotText`, and then the line behind it.".to_owned(),
            ),
            "too long" => named(
                "long-line-unreported",
                "A line is too long, and `next` returned the end without having reported it.".to_owned(),
            ),
            _ if at > 0 && right[at - 1] == "not text" => named(
                "not-text-ends-it",
                "A line is not UTF-8. `next` returned `NotText`, and then `None`: the line behind it is missing.".to_owned(),
            ),
            _ => None,
        };
    };
    let returns = |line: &str| line.matches("\\r").count();
    let other_letters = came.replace("\\r", "") == expected.replace("\\r", "");
    if other_letters && came != expected {
        return if returns(came) > returns(expected) {
            named(
                "carriage-return-kept",
                format!(
                    "`next` returned {came}; expected: {expected}. A `\\r` right before the `\\n` belongs to the end of the line."
                ),
            )
        } else {
            named(
                "carriage-return-lost",
                format!(
                    "`next` returned {came}; expected: {expected}. Only a `\\r` right before a `\\n` belongs to the end of the line, and only one."
                ),
            )
        };
    }
    match (came.as_str(), expected.as_str()) {
        (text, "not text") if text.contains('\u{fffd}') => named(
            "letters-replaced",
            format!(
                "A line is not UTF-8, and `next` returned {text}, with a replacement character. It should return `NotText`."
            ),
        ),
        ("too long", text) if text.starts_with('"') && length(text) == Some(limit) => named(
            "limit-minus-one",
            format!(
                "A line of {limit} bytes came, the limit is {limit}, and `next` reported it as too long. The end of a line does not count, whether \
                 it is `\\n` or `\\r\\n`."
            ),
        ),
        (text, "too long")
            if text.starts_with('"') && length(text).is_some_and(|length| length > limit) =>
        {
            named(
                "line-over-the-limit",
                format!(
                    "A line of {} bytes came, the limit is {limit}, and `next` returned the line.",
                    length(text).unwrap_or_default()
                ),
            )
        }
        _ => None,
    }
}

/// How many bytes a line has, if it is shown without escapes.
fn length(shown: &str) -> Option<usize> {
    let text = shown.strip_prefix('"')?.strip_suffix('"')?;
    (!text.contains('\\')).then_some(text.len())
}
