//! What need not be looked at again: everything that a result depends on is as it was when nothing was wrong with it.
//!
//! Only what was as it should be is remembered, so each complaint is made anew.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use course::course::Course;
use course::files;

use crate::hashes::Hashes;

/// How many lines are kept: those of the newest tries.
const KEPT: usize = 20_000;

/// The hashes of what was as it should be.
#[derive(Debug)]
pub(crate) struct Known {
    file: PathBuf,
    hashes: Mutex<BTreeSet<String>>,
}

impl Known {
    /// What earlier calls remembered: nothing if everything is to be looked at.
    pub(crate) fn new(course: &Course, cold: bool) -> Known {
        let file = course.target.join("verified");
        let text = fs::read_to_string(&file).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        if lines.len() > 2 * KEPT {
            // A file that cannot be written is only longer than need be.
            let _ = files::write_whole(&file, &(lines[lines.len() - KEPT..].join("\n") + "\n"));
        }
        let hashes = if cold {
            BTreeSet::new()
        } else {
            lines.into_iter().map(str::to_owned).collect()
        };
        Known {
            file,
            hashes: Mutex::new(hashes),
        }
    }

    /// Whether this was as it should be.
    pub(crate) fn has(&self, hash: &str) -> bool {
        self.hashes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(hash)
    }

    /// Records that this is as it should be. It is written at once, so that an interrupted call keeps what it has verified.
    pub(crate) fn remember(&self, hash: &str) {
        let mut hashes = self.hashes.lock().unwrap_or_else(PoisonError::into_inner);
        if hashes.insert(hash.to_owned()) {
            // What cannot be remembered is tried again.
            let _ = OpenOptions::new()
                .create(true)
                .append(true)
                .open(&self.file)
                .and_then(|mut file| file.write_all(format!("{hash}\n").as_bytes()));
        }
    }
}

/// What every verdict depends on: the compiler and its flags, the versions of all crates, and the code that judges.
pub(crate) fn ground(course: &Course, hashes: &Hashes) -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("-vV").output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let flags = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"]
        .map(|name| std::env::var(name).unwrap_or_default())
        .join("\n");
    let files = ["Cargo.toml", "Cargo.lock", ".cargo"]
        .map(|name| hashes.of(&course.root.join(name)))
        .join("\n");
    let judges = Path::new(env!("CARGO_MANIFEST_DIR"));
    let judges = ["src", "../learn/src/judging", "../course/src"]
        .map(|name| hashes.of(&judges.join(name)))
        .join("\n");
    files::hash(&[version.unwrap_or_default(), flags, files, judges].join("\n"))
}
