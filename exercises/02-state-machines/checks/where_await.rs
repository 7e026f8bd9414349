//! 2.11 where-await: which bodies may contain `await`?

use super::subject::prediction;
use probe::predict::{self, Misconception, Wording};
use probe::{run, snapshot};

const YES: &str = "compiles";
const NO: &str = "does not compile";

/// What rustc says about each of the eight. A test of the solutions compiles the lines of the stub and compares.
const RUSTC: [(&str, &str); 8] = [
    ("load", "error[E0728]"),
    ("later", "compiles"),
    ("all", "error[E0728]"),
    ("three", "compiles"),
    ("Source", "compiles"),
    ("drop", "error[E0728]"),
    ("is_one", "compiles"),
    ("limit", "error[E0728]"),
];

#[test]
fn the_prediction_is_what_rustc_accepts() {
    let prediction = predict::steady(&run!(), prediction).map(spelt);
    predict::written_as(
        &run!(),
        &prediction,
        Wording {
            forms: &[YES, NO],
            guide: "a line reads `compiles` or `does not compile`",
        },
    );
    predict::compare(
        &run!(),
        &prediction,
        &RUSTC.map(|(_, says)| if says == YES { YES } else { NO }),
        &[
            Misconception {
                mistake: "await-in-a-closure",
                predictions: &[
                    &[NO, YES, YES, YES, YES, NO, YES, NO],
                    &[NO, YES, NO, YES, YES, NO, YES, YES],
                    &[NO, YES, YES, YES, YES, NO, YES, YES],
                ],
                sentence: "This expects that an `async fn` lets every line between its braces await. A closure, a `const` and an \
                           inner `fn` are bodies of their own: it is the innermost one around the `.await` that has to be `async`.",
            },
            Misconception {
                mistake: "await-only-in-async-fn",
                predictions: &[
                    &[NO, NO, NO, YES, YES, NO, YES, NO],
                    &[NO, YES, NO, NO, YES, NO, YES, NO],
                    &[NO, NO, NO, NO, YES, NO, YES, NO],
                ],
                sentence: "This expects that only an `async fn` may await. An `async` block and an `async` closure make a future \
                           too, and `.await` may stand inside them.",
            },
            Misconception {
                mistake: "no-async-in-traits",
                predictions: &[&[NO, YES, NO, YES, NO, NO, YES, NO]],
                sentence: "This expects that a trait has no `async fn`. Since Rust 1.75 it may have one; only `dyn Source` is refused.",
            },
            Misconception {
                mistake: "await-in-drop",
                predictions: &[&[NO, YES, NO, YES, YES, YES, YES, NO]],
                sentence: "This expects that a destructor may await. `drop` is a plain function: it runs to its end in one call, and has \
                           no way to return `Pending`.",
            },
        ],
    );
    let run = run!("the_eight");
    for (snippet, says) in RUSTC {
        run.recorder().says(snippet, says);
    }
    snapshot!(run);
}

/// A few synonyms of the two forms.
fn spelt(line: &'static str) -> &'static str {
    match line.trim().to_lowercase().as_str() {
        "yes" | "y" | "ok" | "does compile" => YES,
        "no" | "n" | "error" | "fails" | "doesn't compile" => NO,
        _ => line,
    }
}
