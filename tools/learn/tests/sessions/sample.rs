//! A small course in a folder of its own: two chapters, four exercises.
//!
//! All samples build their checks in one folder, so that what these depend on is compiled once.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use course::course::Course;
use course::modules::{self, Side};
use course::{files, stub, sums};
use tempfile::TempDir;

/// The repository whose probe the sample uses.
const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A checkout of the sample course.
pub(crate) struct Sample {
    folder: TempDir,
}

/// What the program said.
pub(crate) struct Said {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sample {
    /// A fresh course: nothing is begun.
    pub(crate) fn new() -> Sample {
        let sample = Sample {
            folder: tempfile::tempdir().expect("a folder can be made"),
        };
        for (path, text) in FILES {
            sample.write(path, &text.replace("REPOSITORY", &repository()));
        }
        let lock = Path::new(REPOSITORY).join("Cargo.lock");
        fs::copy(lock, sample.path("Cargo.lock")).expect("the repository has a lock file");
        sample.generate();
        sample
    }

    /// Writes what is generated: the stubs, the lists of modules, and the hashes of checks and snapshots, as `cargo learn verify --write` does.
    pub(crate) fn generate(&self) {
        let course = Course::around(&self.path("")).expect("the sample is a course");
        let mut written = BTreeSet::new();
        for exercise in course.exercises() {
            let Ok(answer) = files::read_text(&exercise.answer) else {
                continue;
            };
            let stub = stub::derive(&answer).expect("the marks are in place");
            written.insert(format!("{}\n", files::hash(&stub)));
            files::write_whole(&exercise.source, &stub).expect("a file can be written");
        }
        let written: String = written.into_iter().collect();
        self.write(".learn/written-stubs", &written);
        for chapter in &course.chapters {
            for side in Side::BOTH {
                let library = side.library(&course, chapter);
                let text = files::read_text(&library).unwrap_or_default();
                if let Some(text) = modules::derive(&course, chapter, side, &text) {
                    files::write_whole(&library, &text).expect("a file can be written");
                }
            }
        }
        self.generate_sums();
    }

    /// Writes the hashes of checks and snapshots.
    pub(crate) fn generate_sums(&self) {
        let course = Course::around(&self.path("")).expect("the sample is a course");
        for chapter in &course.chapters {
            let folder = format!("exercises/{}/checks", chapter.folder);
            let sums = sums::compute(&self.path(&folder)).expect("the checks can be read");
            self.write(&format!("{folder}/{}", sums::FILE), &sums);
        }
    }

    /// Where a file of the course is.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        // Some systems reach their temporary folder through a link.
        let root = self
            .folder
            .path()
            .canonicalize()
            .expect("the folder is there");
        root.join(relative)
    }

    pub(crate) fn write(&self, relative: &str, text: &str) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().expect("a file lies in a folder"))
            .expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    pub(crate) fn read(&self, relative: &str) -> String {
        fs::read_to_string(self.path(relative)).unwrap_or_default()
    }

    /// The program with these arguments, to be run in the course's folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(crate::PROGRAM);
        command
            .args(arguments)
            .current_dir(self.path(""))
            .env("LEARN_TARGET", target())
            .env_remove("NO_COLOR");
        command
    }

    /// Runs the program with these arguments.
    pub(crate) fn learn(&self, arguments: &[&str]) -> Said {
        Said::from(
            self.command(arguments)
                .output()
                .expect("the program starts"),
        )
    }

    /// The verdict about `text` in the place of an exercise.
    pub(crate) fn verdict_with(&self, exercise: &str, text: &str) -> Verdict {
        self.write("elsewhere.rs", text);
        self.learn(&["check", exercise, "--with", "elsewhere.rs", "--json"])
            .verdict()
    }
}

/// Where all samples build their checks.
pub(crate) fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("learn")
}

fn repository() -> String {
    let path = Path::new(REPOSITORY)
        .canonicalize()
        .expect("the repository is there");
    let path = path.display().to_string();
    // TOML takes slashes on every system, and no verbatim prefix.
    path.trim_start_matches(r"\\?\").replace('\\', "/")
}

impl From<Output> for Said {
    /// Without the lines that say that another program builds: the sessions share one build folder, so any of them may have to wait.
    fn from(output: Output) -> Said {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let waits = |line: &&str| line.starts_with("Another cargo learn is building");
        let stderr = stderr.split_inclusive('\n').filter(|line| !waits(line));
        Said {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: stderr.collect(),
        }
    }
}

/// An entry of `check --json`.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) status: Option<i32>,
    pub(crate) verdict: String,
    pub(crate) mistake: Option<String>,
    pub(crate) message: String,
}

impl Said {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }

    /// The only verdict of a JSON document.
    pub(crate) fn verdict(&self) -> Verdict {
        let json = self.json();
        let entry = &json[0];
        let text = |key: &str| entry[key].as_str().map(str::to_owned);
        Verdict {
            status: self.status,
            verdict: text("verdict").unwrap_or_else(|| panic!("{json}")),
            mistake: text("mistake"),
            message: text("message").unwrap_or_default(),
        }
    }
}

pub(crate) const DOUBLE: &str = "exercises/01-first/src/double.rs";

/// The right answer of `first/double`.
pub(crate) const RIGHT: &str = "pub fn double(number: u32) -> u32 {\n    number + number\n}\n";

/// A wrong one, whose mistake has a name.
pub(crate) const FORGOT: &str = "pub fn double(number: u32) -> u32 {\n    number\n}\n";

/// A crate whose lists of modules are to be written.
const LIBRARY: &str =
    "// Generated from chapter.toml: `cargo learn verify --write` writes what follows.\n";

const FILES: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[workspace]\nmembers = []\n\n[workspace.package]\nedition = \"2024\"\n\n\
         [workspace.dependencies]\nprobe = { path = \"REPOSITORY/tools/probe\" }\n",
    ),
    (".gitignore", "/.learn\n/target\n/elsewhere.rs\n"),
    (
        "exercises/01-first/Cargo.toml",
        "[package]\nname = \"first\"\nedition.workspace = true\n\n[dev-dependencies]\nprobe.workspace = true\n\n\
         [lints.rust]\nunused = { level = \"allow\", priority = -1 }\nunused_must_use = \"warn\"\n",
    ),
    (
        "exercises/01-first/chapter.toml",
        r#"
title = "First"
part = "I"
page = "01-first/index.md"

[[exercise]]
slug = "double"
title = "Twice as much"
kind = "build"
minutes = 1
page = "01-first/index.md"

[[exercise]]
slug = "guess_order"
title = "Which comes first?"
kind = "predict"
minutes = 1
page = "01-first/index.md"
"#,
    ),
    ("exercises/01-first/src/lib.rs", LIBRARY),
    (
        "exercises/01-first/checks/double.rs",
        r#"
#[path = "double/several.rs"]
mod several;

use super::subject::double;
use probe::{run, snapshot};

#[test]
fn two_becomes_four() {
    let run = run!("two");
    let result = double(2);
    run.recorder().says("double", format!("2 becomes {result}"));
    if result == 2 {
        run.diagnose("forgot-to-double", "The number came back as it was.");
    }
    snapshot!(run);
}

#[test]
fn a_hundred_is_not_too_much() {
    let run = run!();
    let result = run.risk(Some("never-returns"), "Counting up one by one does this.", || double(100));
    if result != 200 {
        run.departs("A hundred should become two hundred.");
    }
}
"#,
    ),
    (
        "exercises/01-first/checks/double/several.rs",
        r#"
use super::super::subject::double;
use probe::{run, snapshot};

#[test]
fn several_numbers_are_doubled_one_by_one() {
    let run = run!("several");
    for number in 1..=3 {
        run.recorder().says("double", format!("{number} becomes {}", double(number)));
    }
    snapshot!(run);
}
"#,
    ),
    (
        "exercises/01-first/checks/snapshots/double__two.snap",
        "---\nsource: x\n---\n 1  double  2 becomes 4\n",
    ),
    (
        "exercises/01-first/checks/snapshots/double__several.snap",
        "---\nsource: x\n---\n 1  double  1 becomes 2\n 2  double  2 becomes 4\n 3  double  3 becomes 6\n",
    ),
    (
        "exercises/01-first/checks/guess_order.rs",
        r#"
use super::subject::PREDICTION;
use probe::predict::{self, Misconception};
use probe::{run, snapshot};

#[test]
fn the_prediction_is_what_happens() {
    let run = run!("order");
    predict::compare(
        &run,
        &PREDICTION,
        &["first runs", "second runs"],
        &[Misconception {
            mistake: "last-come-first-served",
            predictions: &[&["second runs", "first runs"]],
            sentence: "The last arrival would run first.",
        }],
    );
    run.recorder().says("first", "runs");
    run.recorder().says("second", "runs");
    snapshot!(run);
}
"#,
    ),
    (
        "exercises/01-first/checks/snapshots/guess_order__order.snap",
        "---\nsource: x\n---\n 1  first   runs\n 2  second  runs\n",
    ),
    (
        "exercises/01-first/about/double.md",
        "# Hint 1\nWhat came back?\n\n# Hint 2\nNothing is added.\n\n# Hint 3\n`number + /* what? */`\n\n\
         # Solved\nThe reference adds the number to itself.\n",
    ),
    (
        "exercises/01-first/about/guess_order.md",
        "# Hint 1\na\n\n# Hint 2\nb\n\n# Hint 3\nc\n\n# Solved\nd\n",
    ),
    (
        "solutions/01-first/Cargo.toml",
        "[package]\nname = \"first-solutions\"\nedition.workspace = true\n",
    ),
    ("solutions/01-first/src/lib.rs", LIBRARY),
    (
        "solutions/01-first/src/double.rs",
        "//! Twice as much.\n\n/// Twice the number.\npub fn double(number: u32) -> u32 {\n    // YOURS\n    number + number\n    \
         // STUB: todo!(\"twice {number}\")\n    // YOURS_END\n}\n",
    ),
    (
        "solutions/01-first/src/guess_order.rs",
        "//! Which comes first?\n\n/// What you think.\npub const PREDICTION: [&str; 2] = [\n    // One line for each.\n    // YOURS\n    \"first runs\",\n    \
         \"second runs\",\n    // STUB: \"?\", \"?\",\n    // YOURS_END\n];\n",
    ),
    (
        "solutions/01-first/mistakes/double/forgot-to-double.rs",
        "//! Gives the number back.\n\npub fn double(number: u32) -> u32 {\n    number\n}\n",
    ),
    (
        "solutions/01-first/mistakes/guess_order/last-come-first-served.rs",
        "//! The last first.\n\npub const PREDICTION: [&str; 2] = [\"second runs\", \"first runs\"];\n",
    ),
    (
        "exercises/02-second/Cargo.toml",
        "[package]\nname = \"second\"\nedition.workspace = true\n\n[dev-dependencies]\nprobe.workspace = true\n",
    ),
    (
        "exercises/02-second/chapter.toml",
        r#"
title = "Second"
part = "I"
page = "02-second/index.md"

[[exercise]]
slug = "double"
title = "Twice as much, again"
kind = "apply"
minutes = 1
page = "02-second/index.md"
optional = true
"#,
    ),
    ("exercises/02-second/src/lib.rs", LIBRARY),
    (
        "exercises/02-second/checks/double.rs",
        r#"
use super::subject::twice;
use probe::{run, snapshot};

#[test]
fn a_word_is_said_twice() {
    let run = run!("word");
    run.recorder().says("twice", twice("ha"));
    snapshot!(run);
}
"#,
    ),
    (
        "exercises/02-second/checks/snapshots/double__word.snap",
        "---\nsource: x\n---\n 1  twice  haha\n",
    ),
    (
        "exercises/02-second/about/double.md",
        "# Hint 1\na\n\n# Hint 2\nb\n\n# Hint 3\nc\n\n# Solved\nd\n",
    ),
    (
        "solutions/02-second/Cargo.toml",
        "[package]\nname = \"second-solutions\"\nedition.workspace = true\n",
    ),
    ("solutions/02-second/src/lib.rs", LIBRARY),
    (
        "solutions/02-second/src/double.rs",
        "//! Said twice.\n\n/// The word, twice.\npub fn twice(word: &str) -> String {\n    // YOURS\n    word.repeat(2)\n    \
         // STUB: todo!(\"{word}\")\n    // YOURS_END\n}\n",
    ),
    (
        "exercises/routes.toml",
        "[[route]]\nname = \"short\"\ntitle = \"A short way\"\npace = \"a minute\"\nabout = \"To the end.\"\n\
         exercises = [\"first/guess-order\", \"second/double\"]\n",
    ),
    ("book/pages/01-first/index.md", "# First\n"),
    ("book/pages/02-second/index.md", "# Second\n"),
    (
        "book/pages/mistakes/forgot-to-double.md",
        "# forgot-to-double\n\nThe number came back as it was. Nothing was added.\n\n\
         {{#include ../../../solutions/01-first/src/double.rs:6:6}}\n\nTaught in [First](../01-first/index.md).\n",
    ),
    (
        "book/pages/mistakes/never-returns.md",
        "# never-returns\n\nIt does not end.\n\nTaught in [First](../01-first/index.md).\n",
    ),
    (
        "book/pages/mistakes/last-come-first-served.md",
        "# last-come-first-served\n\nThe last one first.\n\nTaught in [First](../01-first/index.md).\n",
    ),
];
