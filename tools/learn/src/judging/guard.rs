//! What ends the processes that this one has started, if this one is killed before it can do so itself.
//!
//! A signal that cannot be caught leaves no time for anything, and a cargo that lives on holds a lock on which the next
//! `cargo learn` waits. So a small shell reads from a pipe which process groups are at work. The system closes the pipe when this
//! process is gone, however it ends; the shell then kills the groups that are left.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Reads `+ GROUP` and `- GROUP`. It stands in a process group of its own, so Ctrl-C does not reach it.
const SCRIPT: &str = r#"
groups=' '
while read -r sign group; do
    case $sign in
        +) groups="$groups$group " ;;
        -) groups="${groups%% $group *} ${groups#* $group }" ;;
    esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
"#;

/// `None` where there is no shell: then nothing guards.
static GUARD: OnceLock<Option<Mutex<ChildStdin>>> = OnceLock::new();

/// From now on this group ends with this process.
pub(crate) fn watch(group: u32) {
    tell(&format!("+ {group}\n"));
}

/// This group has ended: its number may be another's soon.
pub(crate) fn forget(group: u32) {
    tell(&format!("- {group}\n"));
}

fn tell(line: &str) {
    if let Some(pipe) = GUARD.get_or_init(start) {
        let mut pipe = pipe.lock().unwrap_or_else(PoisonError::into_inner);
        // A guard that is gone guards nothing, and nothing else depends on it.
        let _ = pipe.write_all(line.as_bytes());
    }
}

fn start() -> Option<Mutex<ChildStdin>> {
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", SCRIPT])
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = shell.spawn().ok()?;
    child.stdin.take().map(Mutex::new)
}
