//! Tests of the whole way, on a small course in a folder of the test's own.

use std::fs;
use std::path::Path;

use crate::findings::Findings;
use crate::{build, links};

/// A course with one chapter, one program and one exercise, and nothing wrong with it.
const SOUND: [(&str, &str); 10] = [
    (
        "book/pages/SUMMARY.md",
        "# Summary\n\n# I Values that pause\n\n- [01 Small](01-small/index.md)\n  - [Counting on](01-small/counting.md)\n- [02 Later]()\n\n\
         # To look things up\n\n- [The map](map.md)\n- [Mistakes](mistakes/index.md)\n",
    ),
    (
        "book/pages/01-small/index.md",
        "# Small\n\n{{#sections}}\n\n{{#run ch01-1-hello}}\n\n{{#trace count__one}}\n\n{{#picture count__one}}\n\n{{#play count}}\n\n{{#play count__one}}\n\n```rust\n{{#stub count}}\n```\n\n\
         ```rust\n{{#include ../../../solutions/01-small/src/count.rs:body}}\n```\n\n{{#exercise count}}\n",
    ),
    ("book/pages/01-small/counting.md", "# Counting on\n"),
    ("book/pages/map.md", "# The map\n\n{{#map}}\n"),
    ("book/pages/mistakes/index.md", "# Mistakes\n"),
    (
        "exercises/01-small/chapter.toml",
        "title = \"Small\"\npart = \"I Values that pause\"\npage = \"01-small/index.md\"\n\n[[section]]\n\
         page = \"01-small/counting.md\"\nquestion = \"What comes next?\"\nreading = 5\n\n[[exercise]]\n\
         slug = \"count\"\ntitle = \"Counting\"\nkind = \"build\"\nminutes = 7\npage = \"01-small/counting.md\"\n",
    ),
    (
        "exercises/01-small/checks/snapshots/count__one.snap",
        "---\nsource: x\n---\n 1  count  next() → 1\n",
    ),
    (
        "chapters/01-small/tests/snapshots/ch01-1-hello.snap",
        "---\nsource: x\n---\nhello, reader\n",
    ),
    ("chapters/01-small/tests/snapshots/play__count.snap", PLAY),
    (
        "solutions/01-small/src/count.rs",
        "pub fn one() -> u8 {\n    // YOURS\n    // ANCHOR: body\n    let one = 1;\n    one\n    \
         // ANCHOR_END: body\n    // STUB: todo!(\"one\")\n    // YOURS_END\n}\n",
    ),
];

/// Two steps of a run.
const PLAY: &str = r#"---
source: x
---
{
"title": "Counting on",
"tracks": ["count"],
"source": {"path":"a.rs","lines":[{"number":3,"text":"a < b"},{"number":4,"text":""}]},
"steps": [
{"number":1,"at":"","track":"count","text":"says 1","depth":0,"line":3,"marked":false,"state":{"running":[],"ready":["b"],"timers":[],"asleep":[],"wakers":[],"tasks":[]}},
{"number":2,"at":"","track":"count","text":"says 2","depth":0,"line":null,"marked":false,"state":{"running":[],"ready":[],"timers":[],"asleep":[],"wakers":[],"tasks":[]}}
],
"panels": ["ready"],
"notes": []
}
"#;

/// An exercise that asks for what `PLAY` shows.
const PREDICT: [(&str, &str); 2] = [
    (
        "exercises/01-small/chapter.toml",
        "title = \"Small\"\npart = \"I Values that pause\"\npage = \"01-small/index.md\"\n\n[[section]]\n\
         page = \"01-small/counting.md\"\nquestion = \"What comes next?\"\nreading = 5\n\n[[exercise]]\n\
         slug = \"count\"\ntitle = \"Counting\"\nkind = \"predict\"\nminutes = 7\npage = \"01-small/counting.md\"\n",
    ),
    (
        "solutions/01-small/src/count.rs",
        "//! Say it.\npub fn prediction() -> [&'static str; 2] {\n    // YOURS\n    // ANCHOR: body\n    [\"count 1\", \"count 2\"]\n    \
         // ANCHOR_END: body\n    // STUB: [\"?\", \"?\"]\n    // YOURS_END\n}\n",
    ),
];

#[test]
fn a_run_that_is_predicted_asks_for_the_answer_of_its_exercise() {
    let page = (
        "book/pages/01-small/index.md",
        "# Small\n\n{{#play count predict=count also=\"count 3\"}}\n",
    );
    let course = course(&[PREDICT[0], PREDICT[1], page]);
    assert_eq!(findings(course.path()), [""; 0]);
    let page = html(course.path(), "01-small/index.html");
    for part in [
        "\"asks\":[{\"step\":1,\"after\":0,\"card\":0},{\"step\":2,\"after\":1,\"card\":1}]",
        "\"cards\":[\"count 1\",\"count 2\"],\"also\":[\"count 3\"]",
        "go into exercises/01-small/src/count.rs; save it, and cargo learn check count judges it",
        "<summary>The run, for when you have predicted it</summary>",
    ] {
        assert!(page.contains(part), "{part:?} is not in {page}");
    }
}

#[test]
fn a_play_that_cannot_be_is_found_in_its_place() {
    let wrong = "# Small\n\n{{#play cuont}}\n\n{{#play broken}}\n\n{{#play count predict=cuont}}\n\n{{#play count predict=3}}\n\n\
                 {{#play count predict=count}}\n";
    let course = course(&[
        ("book/pages/01-small/index.md", wrong),
        (
            "chapters/01-small/tests/snapshots/play__broken.snap",
            "---\nsource: x\n---\n{}\n",
        ),
    ]);
    let found = findings(course.path());
    let page = "book/pages/01-small/index.md";
    for expected in [
        format!("{page}:3: no chapters/*/tests/snapshots/play__cuont.snap"),
        format!("{page}:5: broken: this is no run to play: missing field `title`"),
        format!("{page}:7: no exercise is called cuont"),
        format!("{page}:9: predict=3: give steps from 1 to 2, in their order"),
        format!("{page}:11: count asks for no order of lines, so none can be predicted"),
    ] {
        assert!(
            found.iter().any(|finding| finding.starts_with(&expected)),
            "{expected:?} is not in {found:#?}"
        );
    }
}

#[test]
fn a_sound_book_has_no_findings_and_shows_what_it_was_asked_to() {
    let course = course(&[("book/pages/mistakes/off-by-one.md", "# off-by-one\n")]);
    assert_eq!(findings(course.path()), [""; 0]);

    let page = html(course.path(), "01-small/index.html");
    for part in [
        "$ cargo run -q --bin ch01-1-hello\nhello, reader",
        " 1  count  next() → 1",
        "A run of one step in one row, count.</desc>",
        "<run-player id=\"play-count\">",
        "<run-player id=\"play-count--one\">",
        ">A run: count one</title>",
        "a \\u003c b",
        "<span class=\"run-code\">a &lt; b</span>",
        "<td>2</td><td>count</td><td>says 2</td><td>Ready queue: empty.</td>",
        "    todo!(\"one\")",
        ">let one = 1;\none</code>",
        "Exercise 1.1 · Counting",
        "<a href=\"../01-small/counting.html\">Counting on</a></td><td>What comes next?</td>",
    ] {
        assert!(page.contains(part), "{part:?} is not in {page}");
    }
    assert!(!page.contains("YOURS") && !page.contains("STUB"), "{page}");
    assert!(html(course.path(), "map.html").contains("02 Later"));
    assert!(html(course.path(), "mistakes/off-by-one.html").contains("off-by-one"));
}

#[test]
fn each_thing_that_is_wrong_is_found_in_its_place() {
    let wrong = "# Small\n\n{{#run ch01-9-nothing}}\n\n{{#exercise cuont}}\n\n{{#include nothing.rs}}\n\n\
                 ```rust\nfn main() {}\n```\n\n[a](nowhere.md) [b](../map.md#nowhere) ![c](https://example.org/c.png)\n";
    let course = course(&[
        ("book/pages/01-small/index.md", wrong),
        ("book/pages/orphan.md", "# Orphan\n"),
    ]);
    let found = findings(course.path());
    for expected in [
        "book/pages/orphan.md: book/pages/SUMMARY.md does not list this page",
        "book/pages/01-small/index.md:3: no chapters/*/tests/snapshots/ch01-9-nothing.snap",
        "book/pages/01-small/index.md:5: no exercise is called cuont",
        "book/pages/01-small/index.md:7: no such file: nothing.rs",
        "book/pages/01-small/index.md:10: a block of Rust holds only includes: put this code where the tests build it",
        "book/html/01-small/index.html: a link leads nowhere: nowhere.html",
        "book/html/01-small/index.html: a link leads nowhere: ../map.html#nowhere",
        "book/html/01-small/index.html: loads a remote file: https://example.org/c.png",
    ] {
        assert!(
            found.iter().any(|finding| finding == expected),
            "{expected:?} is not in {found:#?}"
        );
    }
}

/// The sound course with some files added or replaced.
fn course(changes: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let settings = include_str!("../book.toml");
    let style = include_str!("../theme/course.css");
    let ours = [
        ("book/book.toml", settings),
        ("book/theme/course.css", style),
        ("book/theme/filter.js", include_str!("../theme/filter.js")),
        ("book/theme/skip.js", include_str!("../theme/skip.js")),
    ];
    for (path, text) in SOUND.iter().chain(&ours).chain(changes) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn findings(root: &Path) -> Vec<String> {
    let mut findings = Findings::default();
    build(root, &mut findings).unwrap();
    links::check(&root.join("book/html"), &mut findings).unwrap();
    findings.lines().to_vec()
}

fn html(root: &Path, page: &str) -> String {
    let text = fs::read_to_string(root.join("book/html").join(page)).unwrap();
    text.replace("&quot;", "\"")
}
