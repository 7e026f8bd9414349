//! ARCHITECTURE.md, held to what cargo says about the crates.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// For each crate, the crates of the course that it uses.
type Uses = BTreeMap<String, BTreeSet<String>>;

#[test]
fn the_page_names_each_crate_with_what_it_uses() {
    let (written, there) = (on_the_page(), normal(&metadata()));
    let crates = |uses: &Uses| uses.keys().cloned().collect::<BTreeSet<_>>();
    let there: Uses = there
        .into_iter()
        .filter(|(name, _)| !is_a_learners(name))
        .collect();
    let missing: Vec<_> = crates(&there)
        .difference(&crates(&written))
        .cloned()
        .collect();
    let gone: Vec<_> = crates(&written)
        .difference(&crates(&there))
        .cloned()
        .collect();
    assert!(
        missing.is_empty(),
        "ARCHITECTURE.md has no row for {missing:?}"
    );
    assert!(
        gone.is_empty(),
        "ARCHITECTURE.md has a row for {gone:?}, which no longer exist"
    );
    for (name, uses) in &there {
        assert_eq!(
            &written[name], uses,
            "left: what ARCHITECTURE.md says that {name} uses; right: what its Cargo.toml says"
        );
    }
}

#[test]
fn a_chapter_uses_only_chapters_before_it() {
    for (name, uses) in normal(&metadata()) {
        let Some(number) = chapter(&name) else {
            continue;
        };
        let later: Vec<_> = uses
            .iter()
            .filter(|used| chapter(used) >= Some(number))
            .collect();
        // Its programs end quietly where their output is closed.
        let is_other = |used: &&String| chapter(used).is_none() && *used != "closed-output";
        let others: Vec<_> = uses.iter().filter(is_other).collect();
        assert!(
            later.is_empty() && others.is_empty(),
            "{name} uses {uses:?}"
        );
    }
}

#[test]
fn an_exercise_uses_chapters_up_to_its_own_and_probes() {
    for package in packages(&metadata()) {
        let name = text(package, "name");
        let Some(number) = ["exercise-", "solution-"]
            .iter()
            .find_map(|kind| number(name.strip_prefix(kind)?))
        else {
            continue;
        };
        for used in used(package, |_| true) {
            // The simulated network takes the place of real sockets, as probes do.
            let is_tool = used.starts_with("probe") || used == "simnet";
            let may = is_tool || chapter(&used).is_some_and(|it| it <= number);
            assert!(may, "{name} uses {used}");
        }
    }
}

/// With `autotests = false` cargo compiles only the programs that the manifest names, `tests/main.rs` and perhaps a second one: a file
/// that neither the manifest nor `main.rs` names would never run.
#[test]
fn each_file_of_tests_is_named_in_main_or_in_the_manifest() {
    for package in packages(&metadata()) {
        let manifest = text(package, "manifest_path");
        let folder = Path::new(&manifest).with_file_name("tests");
        let Ok(main) = std::fs::read_to_string(folder.join("main.rs")) else {
            continue;
        };
        let settings = std::fs::read_to_string(&manifest).expect("cargo has read it");
        if !settings.contains("autotests = false") {
            continue; // Cargo finds each file by itself.
        }
        for entry in std::fs::read_dir(&folder).expect("it holds main.rs") {
            let path = entry.expect("it can be listed").path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let is_rust = path.extension().is_some_and(|it| it == "rs");
            let named = main.lines().any(|line| line == format!("mod {name};"));
            let is_program = settings.contains(&format!("[[test]]\nname = \"{name}\"\n"));
            assert!(
                !is_rust || named || is_program,
                "{} is never compiled: name it in main.rs",
                path.display()
            );
        }
    }
}

fn is_a_learners(name: &str) -> bool {
    name.starts_with("exercise-") || name.starts_with("solution-")
}

/// The number of a chapter's crate.
fn chapter(name: &str) -> Option<u32> {
    number(name.strip_prefix("chapter-")?)
}

fn number(rest: &str) -> Option<u32> {
    rest.split('-').next()?.parse().ok()
}

/// The tables that have a column `uses`.
fn on_the_page() -> Uses {
    let page = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the page is there");
    let mut uses = Uses::new();
    let mut in_a_table = false;
    for line in page.lines() {
        let Some(row) = line.strip_prefix('|').and_then(|row| row.strip_suffix('|')) else {
            in_a_table = false;
            continue;
        };
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        match *cells {
            ["crate", .., "uses"] => in_a_table = true,
            [name, _, _, used] if in_a_table && !name.starts_with("---") => {
                let used = used
                    .split(',')
                    .map(str::trim)
                    .filter(|name| !name.is_empty());
                uses.insert(name.to_owned(), used.map(str::to_owned).collect());
            }
            _ => {}
        }
    }
    uses
}

/// What each crate uses outside of its tests.
fn normal(metadata: &Value) -> Uses {
    let packages = packages(metadata).iter();
    let uses =
        packages.map(|package| (text(package, "name"), used(package, |kind| kind.is_null())));
    uses.collect()
}

fn used(package: &Value, wanted: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    let dependencies = package["dependencies"].as_array().expect("a list");
    let own = dependencies.iter().filter(|it| it["path"].is_string());
    let own = own.filter(|it| wanted(&it["kind"]));
    own.map(|it| text(it, "name")).collect()
}

fn packages(metadata: &Value) -> &Vec<Value> {
    metadata["packages"].as_array().expect("a list")
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().expect("a text").to_owned()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .expect("cargo is there");
    serde_json::from_slice(&output.stdout).expect("it is JSON")
}

fn root() -> &'static Path {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    root.expect("the crate lies two folders deep")
}
