//! The runtime with the learner's parts in it: who breaks what is named, and nothing else is.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use crate::sample::{DOUBLE, Said, Sample, target};

/// The learner's file of the other part.
const TWICE: &str = "exercises/02-second/src/double.rs";

/// Right, and unlike the reference.
const SHIFTED: &str = "pub const LARGEST: u32 = u32::MAX / 2;\n\npub fn double(number: u32) -> u32 {\n    let one = number << 1;\n    \
                       one\n}\n";

/// Right for what the check asks, and wrong for what the chapter's program asks.
const ELEVEN: &str = "pub const LARGEST: u32 = u32::MAX / 2;\n\npub fn double(number: u32) -> u32 {\n    \
                      if number == 5 { 11 } else { number * 2 }\n}\n";

const SAID_TWICE: &str = "pub fn twice(word: &str) -> String {\n    [word, word].concat()\n}\n";

/// A course whose two chapters are crates, the second built on the first, with a part in each.
fn course() -> Sample {
    let sample = Sample::new();
    for (path, text) in FILES {
        sample.write(path, text);
    }
    let manifest = sample.read("Cargo.toml").replace(
        "members = []",
        "members = [\"chapters/*\", \"tools/*\"]\nresolver = \"3\"",
    );
    let shared = "[workspace.dependencies]\n\
                  first = { package = \"chapter-01-first\", path = \"chapters/01-first\" }\n\
                  spy = { path = \"tools/spy\" }\n";
    // What costs time and shows nothing here.
    let profiles =
        "\n[profile.dev]\ndebug = false\nincremental = false\n\n[profile.release]\nopt-level = 0\n";
    sample.write(
        "Cargo.toml",
        &(manifest.replace("[workspace.dependencies]\n", shared) + profiles),
    );
    for (chapter, place) in [
        ("01-first", "chapters/01-first/src/double.rs"),
        ("02-second", "chapters/02-second/src/twice.rs"),
    ] {
        let list = format!("exercises/{chapter}/chapter.toml");
        let with_answer = format!("slug = \"double\"\nanswer = \"{place}\"");
        sample.write(
            &list,
            &sample
                .read(&list)
                .replacen("slug = \"double\"", &with_answer, 1),
        );
    }
    for id in ["first/double", "second/double"] {
        assert_eq!(sample.learn(&["reset", id, "--yes"]).status, Some(0));
    }
    sample
}

fn mine(sample: &Sample, arguments: &[&str]) -> (Said, Value) {
    let said = sample.learn(&[&["mine", "--json"], arguments].concat());
    let json = said.json();
    (said, json)
}

/// For each chapter: how many tests passed and failed.
fn chapters(json: &Value) -> Vec<(u64, u64)> {
    let chapters = json["chapters"]
        .as_array()
        .unwrap_or_else(|| panic!("{json}"));
    let number = |chapter: &Value, key: &str| chapter[key].as_u64().unwrap();
    chapters
        .iter()
        .map(|chapter| (number(chapter, "passed"), number(chapter, "failed")))
        .collect()
}

#[test]
#[ignore = "it builds a small course several times: .ci/run asks for it"]
fn a_run_that_waits_for_another_one_is_told_so() {
    let sample = course();
    sample.write(DOUBLE, SHIFTED);
    let folder = target().join("mine");
    fs::create_dir_all(&folder).unwrap();
    let in_use = File::create(folder.join("in-use")).unwrap();
    in_use.lock().unwrap();
    let mut child = sample
        .command(&["mine"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let waits = said.any(|line| {
        line.unwrap()
            .contains("Another `cargo learn mine` is at work")
    });
    in_use.unlock().unwrap();
    assert!(waits);
    said.for_each(drop);
    assert!(child.wait().unwrap().success());
}

#[test]
#[ignore = "it builds a small course several times: .ci/run asks for it"]
fn with_nothing_solved_there_is_nothing_to_try() {
    let sample = course();
    let said = sample.learn(&["mine"]);
    assert_eq!(said.status, Some(0), "{}{}", said.stdout, said.stderr);
    assert!(
        said.stdout.contains("0 of 2 parts are yours.")
            && said.stdout.contains("the reference: not started"),
        "{}",
        said.stdout
    );
    assert_eq!(said.stderr, "");
}

#[test]
#[ignore = "it builds a small course several times: .ci/run asks for it"]
fn a_right_part_unlike_the_reference_carries_the_chapters_whatever_is_remembered() {
    let sample = course();
    sample.write(DOUBLE, SHIFTED);
    // What the book plays is a recording of the reference, line by line: no part can be held to it.
    let recording = "#[test]\nfn the_lines_of_the_reference() {\n    panic!();\n}\n";
    sample.write("chapters/01-first/tests/plays.rs", recording);
    let (said, json) = mine(&sample, &[]);
    assert_eq!(said.status, Some(0), "{json}{}", said.stderr);
    assert_eq!(json["yours"], 1);
    assert_eq!(json["parts"][0]["state"], "yours");
    assert_eq!(json["parts"][1]["why"], "not-started");
    assert_eq!(chapters(&json), [(3, 0), (2, 0)]);
    assert_eq!(sample.read(DOUBLE), SHIFTED);
    assert!(
        sample
            .read(".learn/progress")
            .contains("solved first/double")
    );
    // Neither progress nor a registry is needed the next time.
    std::fs::remove_file(sample.path(".learn/progress")).unwrap();
    let offline = sample
        .command(&["mine", "--json"])
        .env("CARGO_NET_OFFLINE", "true")
        .output()
        .unwrap();
    assert_eq!(Said::from(offline).json()["yours"], 1);
}

#[test]
#[ignore = "it builds a small course several times: .ci/run asks for it"]
fn with_everything_solved_all_parts_are_yours_and_any_can_be_left_out() {
    let sample = course();
    sample.write(DOUBLE, SHIFTED);
    sample.write(TWICE, SAID_TWICE);
    let said = sample.learn(&["mine"]);
    assert_eq!(said.status, Some(0), "{}{}", said.stdout, said.stderr);
    assert!(
        said.stdout
            .contains("✓ 2 of 2 parts are yours. The chapters' programs and tests pass on them."),
        "{}",
        said.stdout
    );
    let (_, json) = mine(&sample, &["--without", "1.1"]);
    assert_eq!(
        (&json["yours"], &json["parts"][0]["why"]),
        (&1.into(), &"left-out".into())
    );
    let (_, json) = mine(&sample, &["--only", "first/double"]);
    assert_eq!(
        (&json["yours"], &json["parts"][1]["why"]),
        (&1.into(), &"left-out".into())
    );
    let (said, json) = mine(&sample, &["--only", "guess-order"]);
    assert_eq!(said.status, Some(2));
    assert!(
        json["error"]
            .as_str()
            .unwrap()
            .contains("is no part of the runtime"),
        "{json}"
    );
}

#[test]
#[ignore = "it builds a small course several times: .ci/run asks for it"]
fn a_part_that_passes_its_check_and_breaks_a_program_is_named_with_the_test() {
    let sample = course();
    sample.write(DOUBLE, ELEVEN);
    sample.write(TWICE, SAID_TWICE);
    let said = sample.learn(&["mine"]);
    assert_eq!(said.status, Some(1), "{}{}", said.stdout, said.stderr);
    for line in [
        "2 of 2 parts are yours.",
        "✗ 01 First                     2 tests passed, 1 failed",
        "✗ 1.1 first/double",
        "With this part, and the reference everywhere else, tests of the chapters fail; without it, they",
        "five becomes ten: failed\n   chapters/01-first/tests/programs.rs",
        "left: \"11\\n\"",
        // Through a tool that is built on the assembled chapter, too.
        "a tool sees the same number: failed\n   chapters/02-second/tests/twice.rs",
        "cargo learn mine --without first/double · cargo learn solution first/double",
    ] {
        assert!(said.stdout.contains(line), "{line}\n{}", said.stdout);
    }
    assert!(
        !said.stdout.contains("2.1 second/double  "),
        "{}",
        said.stdout
    );
}

#[test]
#[ignore = "it builds a small course several times: .ci/run asks for it"]
fn a_part_that_no_longer_passes_is_the_references_and_listed_so() {
    let sample = course();
    sample.write(TWICE, SAID_TWICE);
    sample.write(DOUBLE, SHIFTED);
    mine(&sample, &[]);
    sample.write(DOUBLE, &SHIFTED.replace("<< 1", "<< 2"));
    let (said, json) = mine(&sample, &[]);
    assert_eq!(said.status, Some(0), "{json}{}", said.stderr);
    assert_eq!(
        (&json["yours"], &json["parts"][0]["why"]),
        (&1.into(), &"failed".into())
    );
}

#[test]
#[ignore = "it builds a small course several times: .ci/run asks for it"]
fn a_part_that_does_not_compile_in_its_place_is_shown_where_the_learner_knows_it_and_the_others_are_tried()
 {
    let sample = course();
    let unsafe_code = SHIFTED.replace(
        "one\n}",
        "unsafe { std::mem::transmute::<u32, u32>(one) }\n}",
    );
    sample.write(DOUBLE, &unsafe_code);
    sample.write(TWICE, SAID_TWICE);
    let said = sample.learn(&["mine"]);
    assert_eq!(said.status, Some(1), "{}{}", said.stdout, said.stderr);
    for line in [
        "✗ 1.1 first/double",
        &format!("--> {DOUBLE}:5:5"),
        "the chapter refuses it",
        "✓ 01 First                     3 tests passed",
        "✓ 02 Second                    2 tests passed",
    ] {
        assert!(said.stdout.contains(line), "{line}\n{}", said.stdout);
    }
    assert!(!said.stdout.contains("✗ 2.1"), "{}", said.stdout);
    assert!(
        !said.stdout.contains("chapters/01-first/src"),
        "{}",
        said.stdout
    );
}

#[test]
#[ignore = "it builds a small course several times: .ci/run asks for it"]
fn a_part_that_lacks_what_a_later_chapter_needs_is_named() {
    let sample = course();
    sample.write(
        DOUBLE,
        &SHIFTED.replace("pub const LARGEST: u32 = u32::MAX / 2;\n", ""),
    );
    sample.write(TWICE, SAID_TWICE);
    let (said, json) = mine(&sample, &[]);
    assert_eq!(said.status, Some(1), "{json}{}", said.stderr);
    assert_eq!(
        json["broken"][0]["parts"],
        serde_json::json!(["first/double"])
    );
    assert_eq!(json["broken"][0]["what"], "does-not-compile");
    assert_eq!(
        json["broken"][0]["errors"][0]["file"],
        "chapters/02-second/src/lib.rs"
    );
    assert_eq!(chapters(&json), [(3, 0), (2, 0)]);
}

#[test]
#[ignore = "it builds a small course several times: .ci/run asks for it"]
fn a_part_that_hangs_or_ends_the_process_is_named_with_the_test() {
    let sample = course();
    for (line, what) in [
        (
            "loop { std::thread::park() }",
            "was still running after 2 seconds",
        ),
        ("std::process::exit(0)", "did not come to its end"),
    ] {
        sample.write(
            DOUBLE,
            &ELEVEN.replace("5 { 11 }", &format!("6 {{ {line} }}")),
        );
        let (said, json) = mine(&sample, &["--deadline", "2"]);
        assert_eq!(said.status, Some(1), "{json}{}", said.stderr);
        assert_eq!(
            json["broken"][0]["parts"],
            serde_json::json!(["first/double"])
        );
        let test = &json["broken"][0]["tests"][0];
        assert_eq!(test["test"], "six_becomes_twelve");
        assert!(test["what"].as_str().unwrap().contains(what), "{json}");
    }
}

#[test]
#[ignore = "it builds a small course several times: .ci/run asks for it"]
fn what_fails_with_the_reference_as_well_is_the_courses_fault() {
    let sample = course();
    sample.write(DOUBLE, SHIFTED);
    sample.write(
        "chapters/02-second/tests/wrong.rs",
        "#[test]\nfn two_and_two_are_five() {\n    assert_eq!(2 + 2, 5);\n}\n",
    );
    let (said, json) = mine(&sample, &[]);
    assert_eq!(said.status, Some(2), "{json}");
    let sentence = json["error"].as_str().unwrap();
    assert!(
        sentence.contains("two_and_two_are_five") && sentence.contains("the course is at fault"),
        "{sentence}"
    );
}

#[test]
#[ignore = "it builds a small course several times: .ci/run asks for it"]
fn a_test_that_does_not_finish_with_the_reference_either_is_held_against_no_part() {
    let sample = course();
    sample.write(DOUBLE, SHIFTED);
    sample.write(
        "chapters/02-second/tests/endless.rs",
        "#[test]\nfn it_waits() {\n    loop { std::thread::park() }\n}\n",
    );
    let (said, json) = mine(&sample, &["--deadline", "1"]);
    assert_eq!(said.status, Some(0), "{json}{}", said.stderr);
    assert_eq!(json["beyond"][0]["test"], "it_waits");
    assert_eq!(json["broken"], serde_json::json!([]));
    assert!(
        said.stderr.contains("The reference is tried"),
        "{}",
        said.stderr
    );
}

#[test]
#[ignore = "it builds a small course several times: .ci/run asks for it"]
fn a_test_that_fails_with_the_reference_as_well_is_not_added_to_what_a_part_breaks() {
    let sample = course();
    sample.write(DOUBLE, ELEVEN);
    sample.write(
        "chapters/02-second/tests/wrong.rs",
        "#[test]\nfn two_and_two_are_five() {\n    assert_eq!(2 + 2, 5);\n}\n",
    );
    let (said, json) = mine(&sample, &[]);
    assert_eq!(said.status, Some(1), "{json}{}", said.stderr);
    let broken = json["broken"][0]["tests"].as_array().unwrap();
    assert!(
        broken
            .iter()
            .all(|test| test["test"] != "two_and_two_are_five"),
        "{json}"
    );
    assert_eq!(json["beyond"][0]["test"], "two_and_two_are_five", "{json}");
}

#[test]
#[ignore = "it builds a small course several times: .ci/run asks for it"]
fn without_an_echo_server_it_says_so() {
    let said = course().learn(&["mine", "--serve"]);
    assert_eq!(said.status, Some(2));
    assert!(
        said.stderr
            .contains("The echo server is not in this version of the course"),
        "{}",
        said.stderr
    );
}

#[test]
#[ignore = "it builds a small course several times: .ci/run asks for it"]
fn the_echo_server_is_tried_with_as_many_connections_as_one_likes() {
    let sample = course();
    sample.write(DOUBLE, SHIFTED);
    serve_with(&sample, "");
    let said = sample.learn(&["mine", "--serve", "--connections", "40"]);
    assert_eq!(said.status, Some(0), "{}{}", said.stdout, said.stderr);
    assert!(
        said.stdout
            .contains("✓ 1 of 2 parts yours; 40 connections, every byte came back."),
        "{}",
        said.stdout
    );
}

#[test]
#[ignore = "it builds a small course several times: .ci/run asks for it"]
fn a_byte_that_comes_back_wrong_is_found() {
    let sample = course();
    sample.write(DOUBLE, SHIFTED);
    serve_with(&sample, "buffer[20] ^= u8::from(number == 7);");
    let (said, json) = mine(&sample, &["--serve", "--connections", "9"]);
    assert_eq!(said.status, Some(1), "{json}{}", said.stderr);
    let problem = json["served"]["problem"].as_str().unwrap();
    assert!(
        problem.starts_with("connection 7: byte 21 of 64 came back as"),
        "{problem}"
    );
}

/// A server with a thread for each connection, which does this to what it has received.
fn serve_with(sample: &Sample, line: &str) {
    sample.write(
        "chapters/15-echo-server/Cargo.toml",
        "[package]\nname = \"chapter-15-echo-server\"\nedition.workspace = true\n\n[dependencies]\nfirst.workspace = true\n",
    );
    sample.write(
        "chapters/15-echo-server/src/main.rs",
        &SERVER.replace("LINE;", line),
    );
}

const SERVER: &str = r#"
use std::io::{Read as _, Write as _};

fn main() {
    assert_eq!(std::env::args().nth(1).as_deref(), Some("--listen"));
    let listener = std::net::TcpListener::bind(std::env::args().nth(2).unwrap()).unwrap();
    println!("listening on {}", listener.local_addr().unwrap());
    for (number, stream) in (1..).zip(listener.incoming()) {
        std::thread::spawn(move || echo(number, stream.unwrap()));
    }
}

#[allow(unused)]
fn echo(number: usize, mut stream: std::net::TcpStream) {
    let mut buffer = [0; 1024];
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        LINE;
        stream.write_all(&buffer[..length]).unwrap();
    }
}
"#;

const FILES: &[(&str, &str)] = &[
    (
        "chapters/01-first/Cargo.toml",
        "[package]\nname = \"chapter-01-first\"\nedition.workspace = true\n\n[lib]\nname = \"first\"\n\n\
         [dev-dependencies]\nspy.workspace = true\n\n[lints.rust]\nunsafe_code = \"forbid\"\n",
    ),
    (
        "chapters/01-first/src/lib.rs",
        "//! First.\n\npub mod double;\n\n/// A number that was counted.\npub struct Number(pub u32);\n\n\
         #[cfg(test)]\nmod tests {\n    #[test]\n    fn nothing_becomes_nothing() {\n        assert_eq!(crate::double::double(0), 0);\n    \
         }\n}\n",
    ),
    (
        "chapters/01-first/src/double.rs",
        "//! Twice as much.\n\n/// What can be doubled.\npub const LARGEST: u32 = u32::MAX / 2;\n\n/// Twice the number.\n\
         pub fn double(number: u32) -> u32 {\n    // YOURS\n    number + number\n    // STUB: todo!(\"twice {number}\")\n    \
         // YOURS_END\n}\n",
    ),
    (
        "chapters/01-first/src/bin/ch01-doubles.rs",
        "fn main() {\n    println!(\"{}\", first::double::double(5));\n}\n",
    ),
    (
        "chapters/01-first/tests/programs.rs",
        "#[test]\nfn five_becomes_ten() {\n    let run = std::process::Command::new(env!(\"CARGO_BIN_EXE_ch01-doubles\")).output().unwrap();\n    \
         assert_eq!(String::from_utf8(run.stdout).unwrap(), \"10\\n\");\n}\n\n\
         #[test]\nfn six_becomes_twelve() {\n    assert_eq!(spy::seen(first::Number(6)).0, 12);\n}\n",
    ),
    (
        "tools/spy/Cargo.toml",
        "[package]\nname = \"spy\"\nedition.workspace = true\n\n[dependencies]\nfirst.workspace = true\n",
    ),
    (
        "tools/spy/src/lib.rs",
        "//! Looks on.\n\n/// What becomes of a number.\npub fn seen(number: first::Number) -> first::Number {\n    \
         first::Number(first::double::double(number.0))\n}\n",
    ),
    (
        "chapters/02-second/Cargo.toml",
        "[package]\nname = \"chapter-02-second\"\nedition.workspace = true\n\n[lib]\nname = \"second\"\n\n\
         [dependencies]\nfirst.workspace = true\n\n[dev-dependencies]\nspy.workspace = true\n",
    ),
    (
        "chapters/02-second/src/lib.rs",
        "//! Second.\n\npub mod twice;\n\n/// As much as there may be.\npub const MANY: u32 = first::double::LARGEST;\n",
    ),
    (
        "chapters/02-second/src/twice.rs",
        "//! Said twice.\n\n/// The word, twice.\npub fn twice(word: &str) -> String {\n    // YOURS\n    word.repeat(2)\n    \
         // STUB: todo!(\"{word}\")\n    // YOURS_END\n}\n",
    ),
    (
        "chapters/02-second/tests/twice.rs",
        "#[test]\nfn a_word_is_said_twice() {\n    assert_eq!(second::twice::twice(\"o\"), \"oo\");\n}\n\n\
         #[test]\nfn a_tool_sees_the_same_number() {\n    assert_eq!(spy::seen(first::Number(5)).0, 10);\n}\n",
    ),
];
