//! How long, and with how much memory, the compiler may work on a learner's file.
//!
//! The learner's file is compiled by a `rustc` of its own, the last one of a build. Cargo starts it through a wrapper
//! (`RUSTC_WORKSPACE_WRAPPER`, which cargo applies to the packages of the room and to no dependency), and the wrapper sets the
//! limits. What is limited is **processor time**: a busy machine makes a build slow, and only code makes it compute without end. The
//! wall clock is the last resort, for a compiler that waits, as for `include_str!` of a pipe.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use course::files;

/// How much processor time the compiler may take for one package: ten times what the longest check needs.
pub const COMPUTING: Duration = Duration::from_secs(6);

/// How long it may take for one package by the wall clock.
pub(crate) const WAITING: Duration = Duration::from_secs(60);

/// How much address space it may have, in KiB.
const MEMORY_KIB: u64 = 8 * 1024 * 1024;

/// Where the wrapper notes that the compiler has begun with a package of the room.
const BEGUN: &str = "LEARN_COMPILES";

/// Why the compiler was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exceeded {
    /// It took more processor time than [`COMPUTING`].
    Computing,
    /// It asked for more memory than it may have.
    Memory,
}

/// The limits of one build.
pub(crate) struct Limits {
    begun: PathBuf,
}

impl Limits {
    /// Sets the limits for a build in `target`, where the system's shell can.
    ///
    /// # Errors
    ///
    /// If the wrapper cannot be written.
    pub(crate) fn set(command: &mut Command, target: &Path) -> Result<Limits> {
        let begun = target.join(format!("compiles-{}", std::process::id()));
        let _ = std::fs::remove_file(&begun);
        #[cfg(unix)]
        {
            let wrapper = target.join("limited-rustc");
            write_program(&wrapper)?;
            command
                .env("RUSTC_WORKSPACE_WRAPPER", wrapper)
                .env(BEGUN, &begun);
        }
        #[cfg(not(unix))]
        let _ = command;
        Ok(Limits { begun })
    }

    /// Whether the compiler has begun with a package of the room.
    pub(crate) fn has_begun(&self) -> bool {
        self.begun.exists()
    }
}

impl Drop for Limits {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.begun);
    }
}

/// Cargo also asks the wrapped compiler for its version: only the package of a check counts as begun.
#[cfg(unix)]
fn write_program(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let seconds = COMPUTING.as_secs();
    let script = format!(
        "#!/bin/sh\n\
         case \" $* \" in *' --crate-name check_'*) : >\"${BEGUN}\" ;; esac\n\
         ulimit -c 0\n\
         ulimit -S -t {seconds}\n\
         ulimit -v {MEMORY_KIB} 2>/dev/null\n\
         exec \"$@\"\n"
    );
    if files::read_if_there(path)?.as_ref() != Some(&script) {
        files::write_whole(path, &script)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// Which limit ended the compiler in a package, as cargo's standard error tells.
pub(crate) fn exceeded(stderr: &str, package: &str) -> Option<Exceeded> {
    let (before, after) = stderr.split_once(&format!("could not compile `{package}`"))?;
    let about_it = after
        .split_once("error: could not compile")
        .map_or(after, |(about_it, _)| about_it);
    // Cargo names only some of the signals. This one has the number 24 on Linux and on macOS.
    if about_it.contains("(signal: 24") {
        return Some(Exceeded::Computing);
    }
    let ended = about_it.contains("(signal: ");
    let asked = [
        "memory allocation of",
        "out of memory",
        "failed to allocate",
    ];
    let memory = asked
        .iter()
        .any(|words| before.contains(words) || about_it.contains(words));
    (ended && memory).then_some(Exceeded::Memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_told_from_what_cargo_says_of_the_package() {
        let stderr = "error: could not compile `check-a` (lib test)\n\nCaused by:\n  process didn't exit successfully: `rustc` (signal: \
                      24)\nerror: could not compile `check-b` (lib test) due to 1 previous error\n";
        assert_eq!(exceeded(stderr, "check-a"), Some(Exceeded::Computing));
        assert_eq!(exceeded(stderr, "check-b"), None);
        let stderr = "memory allocation of 68719476736 bytes failed\nerror: could not compile `check-a` (lib test)\n\nCaused by:\n  \
                      process didn't exit successfully: `rustc` (signal: 6, SIGABRT: process abort signal)\n";
        assert_eq!(exceeded(stderr, "check-a"), Some(Exceeded::Memory));
    }
}
