//! A class: the files that the book gives to teachers, run as a CI server would run them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::sample::{DOUBLE, FORGOT, RIGHT, Sample, target};

/// What a teacher copies.
const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../book/examples/class");

const POINTS: &str = "exercise,points,due\nfirst/double,4,2020-01-31\nfirst/guess-order,1,\nsecond/double,2,9999-12-31\n";

/// A pupil's checkout, and a folder with a `cargo` that passes `cargo learn` on to the program under test.
struct Class {
    sample: Sample,
    bin: PathBuf,
}

impl Class {
    fn new() -> Class {
        let sample = Sample::new();
        for file in fs::read_dir(FILES).expect("the book has them").flatten() {
            let name = file.file_name().into_string().expect("it is plain");
            let text = fs::read_to_string(file.path()).expect("it is text");
            sample.write(&format!("class/{name}"), &text);
        }
        sample.write("class/points.csv", POINTS);
        let cargo = format!(
            "#!/bin/sh\nif [ \"$1\" = learn ]; then\n    shift\n    exec '{}' \"$@\"\nfi\nexec '{}' \"$@\"\n",
            env!("CARGO_BIN_EXE_learn"),
            env!("CARGO"),
        );
        sample.write("target/bin/cargo", &cargo);
        let bin = sample.path("target/bin");
        let done = Command::new("chmod")
            .arg("+x")
            .arg(bin.join("cargo"))
            .status();
        assert!(done.expect("chmod is there").success());
        Class { sample, bin }
    }

    /// Runs a step of a job.
    fn step(&self, script: &str) -> Output {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut folders = vec![self.bin.clone()];
        folders.extend(std::env::split_paths(&path));
        Command::new("bash")
            .args(["-e", "-c", script])
            .current_dir(self.sample.path(""))
            .env("PATH", std::env::join_paths(folders).expect("no colon"))
            .env("CARGO", env!("CARGO"))
            .env("LEARN_TARGET", target())
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_STEP_SUMMARY", self.summary())
            .output()
            .expect("bash is there")
    }

    /// The job's steps, up to the first that fails: its script, and all that was said.
    fn job(&self, steps: &[String]) -> (Option<String>, String) {
        let mut said = String::new();
        for step in steps {
            let output = self.step(step);
            said += &String::from_utf8_lossy(&output.stdout);
            said += &String::from_utf8_lossy(&output.stderr);
            if !output.status.success() {
                return (Some(step.clone()), said);
            }
        }
        (None, said)
    }

    fn summary(&self) -> PathBuf {
        self.sample.path("target/summary.md")
    }

    fn summary_text(&self) -> String {
        fs::read_to_string(self.summary()).unwrap_or_default()
    }
}

/// What the steps of GitHub's job run, but for the one that installs Rust.
fn github() -> Vec<String> {
    let text = fs::read_to_string(Path::new(FILES).join("github.yml")).expect("it is there");
    let runs = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("run: "));
    let steps: Vec<String> = runs
        .filter(|run| !run.starts_with("rustup"))
        .map(str::to_owned)
        .collect();
    assert_eq!(steps.len(), 3, "{steps:?}");
    steps
}

/// The script of GitLab's job.
fn gitlab() -> Vec<String> {
    let text = fs::read_to_string(Path::new(FILES).join("gitlab-ci.yml")).expect("it is there");
    let (_, script) = text.split_once("\n  script:\n").expect("it has a script");
    let lines = script.lines().map_while(|line| line.strip_prefix("    - "));
    let steps: Vec<String> = lines.map(str::to_owned).collect();
    assert_eq!(steps.len(), 3, "{steps:?}");
    steps
}

#[test]
#[ignore = "needs bash and Python: continuous integration runs it"]
fn a_tree_that_is_solved_in_part_is_green_and_has_its_points() {
    let class = Class::new();
    class.sample.write(DOUBLE, RIGHT);
    class.sample.write(
        "exercises/01-first/src/guess_order.rs",
        "pub const PREDICTION: [&str; 2] = [\"first runs\", \"?\"];",
    );
    let (failed, said) = class.job(&github());
    assert_eq!(failed, None, "{said}");
    let summary = class.summary_text();
    for line in [
        "| 1.1 first/double | passed | 3 of 3 | 4 of 4 | 2020-01-31 |",
        "| 1.2 first/guess-order | unfinished | 0 of 1 | 0 of 1 |  |",
        "| 2.1 second/double | not-started | 0 of 1 | 0 of 2 | 9999-12-31 |",
        // The optional one is a bonus.
        "**4/5 points**",
    ] {
        assert!(summary.contains(line), "{line}: {summary}");
    }
    let report = class.sample.read("target/report/verdicts.xml");
    assert!(
        report.contains("tests=\"3\" failures=\"0\" errors=\"0\" skipped=\"2\""),
        "{report}"
    );
    let (failed, said) = class.job(&gitlab());
    assert_eq!(failed, None, "{said}");
    assert!(said.contains("**4/5 points**"), "{said}");
}

#[test]
#[ignore = "needs bash and Python: continuous integration runs it"]
fn what_is_wrong_makes_the_last_step_red_and_is_named_there() {
    let class = Class::new();
    class.sample.write(DOUBLE, FORGOT);
    let (failed, said) = class.job(&github());
    assert_eq!(failed, github().last().cloned(), "{said}");
    let annotation = format!(
        "::error file={DOUBLE},title=1.1 first/double::two becomes four: The number came back as it was."
    );
    assert!(said.contains(&annotation), "{said}");
    let summary = class.summary_text();
    assert!(
        summary.contains("| failed | 0 of 3 | 0 of 4 | **2020-01-31, gone by** |"),
        "{summary}"
    );
    // GitLab shows the text of a failure and not its message, so both say it.
    let report = class.sample.read("target/report/verdicts.xml");
    let (_, text) = report.split_once("<failure ").expect("something failed");
    let (message, text) = text.split_once("\">").expect("it has attributes");
    for part in [message, text] {
        assert!(part.contains("The number came back as it was."), "{report}");
    }
    assert!(
        text.contains("your run&#10; 1  double  2 becomes 2"),
        "{report}"
    );
}

#[test]
#[ignore = "needs bash and Python: continuous integration runs it"]
fn where_nothing_can_be_judged_the_first_step_says_why() {
    let class = Class::new();
    class
        .sample
        .write("exercises/01-first/chapter.toml", "tittle = 1\n");
    let (failed, said) = class.job(&github());
    assert_eq!(failed, github().first().cloned(), "{said}");
    assert!(
        said.starts_with("exercises/01-first/chapter.toml is damaged"),
        "{said}"
    );
}

#[test]
#[ignore = "needs bash and Python: continuous integration runs it"]
fn a_name_that_is_mistyped_in_the_table_of_points_is_said() {
    let class = Class::new();
    class
        .sample
        .write("class/points.csv", "exercise,points\nfirst/duoble,1\n");
    let (failed, said) = class.job(&github());
    assert_eq!(failed, github().first().cloned(), "{said}");
    assert!(said.contains("names first/duoble"), "{said}");
}

/// Checks and hashes that a pupil has changed together pass where they stand, and not in the teacher's clone.
#[test]
#[ignore = "needs bash, git and Python: continuous integration runs it"]
fn a_grade_goes_by_the_teachers_own_checks() {
    let (teacher, honest, cheat, broken) =
        (Class::new(), Sample::new(), Sample::new(), Sample::new());
    honest.write(DOUBLE, RIGHT);
    cheat.write(DOUBLE, FORGOT);
    cheat.write(
        "exercises/01-first/checks/double.rs",
        "use super::subject::double;\nuse probe::{run, snapshot};\n\n#[test]\nfn nothing() {\n    let run = run!(\"two\");\n    \
         run.recorder().says(\"double\", format!(\"2 becomes {}\", double(2) * 2));\n    snapshot!(run);\n}\n",
    );
    cheat.generate_sums();
    let at_home = cheat.learn(&["check", "first/double", "--json"]).verdict();
    assert_eq!(at_home.verdict, "passed", "{}", at_home.message);
    fs::write(broken.path(DOUBLE), [0xff, 0xfe]).unwrap();

    let said = teacher.step("git init -q . && git add -A && git -c user.name=a -c user.email=a@b -c commit.gpgsign=false commit -qm course");
    assert!(said.status.success(), "{said:?}");
    let pupils = [&honest, &cheat, &broken].map(|pupil| pupil.path("").display().to_string());
    let output = teacher.step(&format!("bash class/grade.sh {}", pupils.join(" ")));
    let grades = String::from_utf8_lossy(&output.stdout);
    let grades: Vec<&str> = grades
        .lines()
        .map(|line| line.split_once(',').map_or(line, |(_, grade)| grade))
        .collect();
    assert_eq!(grades[..2], ["4/5", "0/5"], "{output:?}");
    assert!(
        grades[2].starts_with("not judged: ") && grades[2].contains("is not UTF-8"),
        "{output:?}"
    );
    let status = teacher.step("git status --porcelain");
    assert!(status.stdout.is_empty(), "{status:?}");
}
