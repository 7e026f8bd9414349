//! Handing over, and what Ctrl-C does in the meantime.
//!
//! A program without dependencies cannot catch a signal. So on Unix the build runs under a shell that does: this program becomes
//! the shell, the shell starts it again to build, says a sentence if that is interrupted, and at last becomes the learner's
//! command line. On Windows an interrupted build ends without a sentence of its own; it said beforehand that this is safe.

use std::path::Path;
use std::process::{Command, ExitCode};

/// Which part of the work this process is here for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// All of it.
    First,
    /// Under the shell: only the build.
    Build,
    /// The build is done: only to hand over.
    Run,
}

const VARIABLE: &str = "LAUNCHER_STAGE";

impl Stage {
    pub(crate) fn current() -> Stage {
        match std::env::var(VARIABLE).as_deref() {
            Ok("build") => Stage::Build,
            Ok("run") => Stage::Run,
            _ => Stage::First,
        }
    }
}

/// The status of an interrupted build is 2, as of everything that kept the command from its work.
#[cfg(unix)]
const SCRIPT: &str = r#"
trap : INT
LAUNCHER_STAGE=build "$0" "$@"
status=$?
if [ $status -gt 128 ]; then
    sentence='Stopped in the middle of a build. Nothing is lost: the next `cargo learn` goes on from there.'
    case " $* " in
        *' --json '*) printf '{"error":"%s"}\n' "$sentence" ;;
        *) printf '\n%s\n' "$sentence" >&2 ;;
    esac
    exit 2
fi
[ $status -eq 0 ] || exit $status
trap - INT
LAUNCHER_STAGE=run exec "$0" "$@"
"#;

/// Becomes the shell that guards the build. Returns if there is no such shell: then it is built without a guard.
#[cfg(unix)]
pub(crate) fn build_under_guard() {
    use std::os::unix::process::CommandExt as _;
    if let Ok(itself) = std::env::current_exe() {
        let _no_shell = Command::new("/bin/sh")
            .arg("-c")
            .arg(SCRIPT)
            .arg(itself)
            .args(std::env::args_os().skip(1))
            .exec();
    }
}

#[cfg(not(unix))]
pub(crate) fn build_under_guard() {}

/// Becomes the learner's command line.
#[cfg(unix)]
pub(crate) fn hand_over(program: &Path) -> Result<ExitCode, String> {
    use std::os::unix::process::CommandExt as _;
    let error = command(program).exec();
    Err(format!("{} cannot be started: {error}.", program.display()))
}

/// Runs the learner's command line, and ends as it ends.
#[cfg(not(unix))]
pub(crate) fn hand_over(program: &Path) -> Result<ExitCode, String> {
    let status = command(program)
        .status()
        .map_err(|error| format!("{} cannot be started: {error}.", program.display()))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(crate::AT_FAULT)))
}

fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args(std::env::args_os().skip(1))
        .env_remove(VARIABLE);
    command
}
