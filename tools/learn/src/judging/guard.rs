//! What ends the processes that this one has started, if this one is killed before it can do so itself.
//!
//! A signal that cannot be caught leaves no time for anything, and a cargo that lives on holds a lock on which the next
//! `cargo learn` waits. So a small shell reads from a pipe which process groups are at work. The system closes the pipe when this
//! process is gone, however it ends; the shell then kills the groups that are left.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

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

/// The way to the thread that starts the shell and writes to it: a verdict does not wait for that.
static GUARD: OnceLock<Sender<String>> = OnceLock::new();

/// From now on this group ends with this process.
pub(crate) fn watch(group: u32) {
    tell(format!("+ {group}\n"));
}

/// This group has ended: its number may be another's soon.
pub(crate) fn forget(group: u32) {
    tell(format!("- {group}\n"));
}

fn tell(line: String) {
    let guard = GUARD.get_or_init(|| {
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || write(&lines));
        sender
    });
    // Where there is no shell, nothing guards, and nothing else depends on it.
    let _ = guard.send(line);
}

fn write(lines: &Receiver<String>) {
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", SCRIPT])
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let Ok(mut child) = shell.spawn() else {
        return;
    };
    let Some(mut pipe) = child.stdin.take() else {
        return;
    };
    while let Ok(line) = lines.recv() {
        if pipe.write_all(line.as_bytes()).is_err() {
            return;
        }
    }
}
