//! The real launcher, with a script in cargo's place: what it builds is beside itself, so a copy of it builds in a folder of its own.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A folder with a launcher and a cargo of the test's own.
struct Place {
    folder: PathBuf,
}

impl Place {
    /// `cargo` is what the script does after it has counted that it was called. `$HERE` is the folder.
    fn new(name: &str, cargo: &str) -> Place {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join("launcher")
            .join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder can be made");
        {
            let _no_process_begins = alone();
            fs::copy(env!("CARGO_BIN_EXE_launcher"), folder.join("launcher"))
                .expect("the launcher is built");
        }
        let place = Place { folder };
        place.script(
            "cargo",
            &format!(
                "HERE={:?}\necho called >> $HERE/calls\n{cargo}",
                place.folder.display().to_string()
            ),
        );
        place
    }

    fn script(&self, name: &str, text: &str) {
        let path = self.folder.join(name);
        let _no_process_begins = alone();
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a file can be written");
        fs::set_permissions(&path, Permissions::from_mode(0o755))
            .expect("it can be made executable");
    }

    fn start(&self, arguments: &[&str]) -> Output {
        let child = {
            let _no_program_is_written = alone();
            Command::new(self.folder.join("launcher"))
                .args(arguments)
                .env("CARGO", self.folder.join("cargo"))
                .env_remove("LAUNCHER_STAGE")
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the launcher starts")
        };
        child.wait_with_output().expect("the launcher ends")
    }

    fn calls(&self) -> usize {
        let calls = fs::read_to_string(self.folder.join("calls")).unwrap_or_default();
        calls.lines().count()
    }
}

/// A process that begins while another test writes a program has a copy of the descriptor until it has loaded its own program. As long as
/// a descriptor for writing is open, the kernel starts no program from the file (ETXTBSY). So tests write and start in turn.
fn alone() -> MutexGuard<'static, ()> {
    static WRITES_OR_STARTS: Mutex<()> = Mutex::new(());
    WRITES_OR_STARTS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

/// Builds a program that shows its arguments and ends with status 7.
const BUILDS: &str = r#"
printf '#!/bin/sh\necho "$@"\nexit 7\n' > $HERE/learn
chmod +x $HERE/learn
echo "$HERE/learn: $HERE/cargo" > $HERE/learn.d
"#;

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn arguments_and_status_are_handed_on() {
    let output = Place::new("handed-on", BUILDS).start(&["check", "a b", "--json"]);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "check a b --json\n"
    );
    assert_eq!(output.status.code(), Some(7), "{}", stderr(&output));
}

#[test]
fn cargo_is_asked_again_only_when_something_has_changed() {
    let place = Place::new("asked-again", BUILDS);
    place.start(&[]);
    place.start(&[]);
    assert_eq!(place.calls(), 1);
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
    let source = fs::File::options()
        .append(true)
        .open(place.folder.join("cargo"))
        .unwrap();
    source.set_modified(later).unwrap();
    drop(source);
    place.start(&[]);
    assert_eq!(place.calls(), 2);
}

#[test]
fn without_a_terminal_the_screen_is_left_out_until_a_build_has_it() {
    let place = Place::new("left-out", &format!("{BUILDS}\necho \"$*\" >> $HERE/asked"));
    let asked = || fs::read_to_string(place.folder.join("asked")).unwrap_or_default();
    place.start(&["check"]);
    assert!(asked().contains("--no-default-features"), "{}", asked());
    // A stamp from before every source: the program with its screen is there, and is out of date.
    let stamp = fs::File::create(place.folder.join("learn.stamp")).unwrap();
    stamp
        .set_modified(std::time::SystemTime::UNIX_EPOCH)
        .unwrap();
    fs::remove_file(place.folder.join("asked")).unwrap();
    place.start(&["check"]);
    assert!(!asked().contains("--no-default-features"), "{}", asked());
}

#[test]
fn a_failed_build_is_one_sentence_and_all_of_it_is_kept() {
    let place = Place::new(
        "failed",
        "echo 'error: failed to download `syn`' >&2\nexit 101",
    );
    let output = place.start(&["list"]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(
        said.contains("is the network there?") && said.trim().lines().count() == 1,
        "{said}"
    );
    assert!(
        fs::read_to_string(place.folder.join("learn.log"))
            .unwrap()
            .contains("`syn`")
    );
    let output = place.start(&["list", "--json"]);
    assert!(
        String::from_utf8_lossy(&output.stdout)
            .starts_with("{\"error\":\"What the course is made of")
    );
}

/// Has the processes that this one starts end at Ctrl-C, as they do in a terminal.
///
/// Under `nohup`, and in the background of a script, a process starts with the signal ignored, and so do all that it starts. A
/// handler does not outlive `exec`: what a process with one starts begins with the default. This handler does what the default does.
fn children_end_at_ctrl_c() {
    use signal_hook::consts::SIGINT;
    use signal_hook::flag::register_conditional_shutdown;
    use std::sync::{Arc, atomic::AtomicBool};
    const AS_BY_SIGINT: i32 = 128 + SIGINT;
    register_conditional_shutdown(SIGINT, AS_BY_SIGINT, Arc::new(AtomicBool::new(true)))
        .expect("the signal can be handled");
}

#[test]
fn an_interrupted_build_says_that_nothing_is_lost() {
    children_end_at_ctrl_c();
    // As if the terminal had sent it to the whole group: to the program that builds, here by cargo's hand.
    let place = Place::new("interrupted", "kill -INT $PPID\nexit 1");
    let output = place.start(&["list"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("Nothing is lost"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn without_cargo_it_says_so() {
    let place = Place::new("without", BUILDS);
    fs::remove_file(place.folder.join("cargo")).unwrap();
    let output = place.start(&["list"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("is Rust installed"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_course_that_was_moved_is_built_where_it_is_now() {
    let place = Place::new("moved", "echo \"$@\" > $HERE/asked\nexit 1");
    let moved = place.folder.join("course/tools/launcher");
    let child = {
        let _no_program_is_written = alone();
        Command::new(place.folder.join("launcher"))
            .env("CARGO", place.folder.join("cargo"))
            .env("CARGO_MANIFEST_DIR", &moved)
            .env_remove("LAUNCHER_STAGE")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the launcher starts")
    };
    child.wait_with_output().expect("the launcher ends");
    let asked = fs::read_to_string(place.folder.join("asked")).expect("cargo was called");
    let manifest = place.folder.join("course/Cargo.toml");
    assert!(asked.contains(&manifest.display().to_string()), "{asked}");
}
