//! The program that uses the deep answers, built for one tool and one variant.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds the program with `raw` and `atomic` in the places of the two answers.
///
/// `name` tells variants apart; `flags` are further flags of rustc's, and may need what only a nightly compiler allows itself.
///
/// # Errors
///
/// The first line of what rustc complained of.
pub(crate) fn build(
    root: &Path,
    name: &str,
    raw: &str,
    atomic: &str,
    flags: &[&str],
) -> Result<PathBuf, String> {
    let folder = root.join("target").join("memory");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let (main, program) = (folder.join(format!("{name}.rs")), folder.join(name));
    fs::write(&main, source(root, raw, atomic)).map_err(|error| error.to_string())?;
    let output = Command::new("rustc")
        .args(["--edition", "2024", "-g", "--cap-lints", "allow", "-o"])
        .arg(&program)
        .arg(&main)
        .args(flags)
        .env("RUSTC_BOOTSTRAP", "1")
        .output()
        .map_err(|error| format!("rustc cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(program);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said
        .lines()
        .next()
        .unwrap_or("rustc did not say why")
        .to_owned())
}

fn source(root: &Path, raw: &str, atomic: &str) -> String {
    let path = |relative: &str| root.join(relative).display().to_string();
    format!(
        "#[path = {:?}]\nmod raw_waker;\n#[path = {:?}]\nmod atomic_waker;\n#[path = {:?}]\nmod sync;\ninclude!({:?});\n",
        path(raw),
        path(atomic),
        path("chapters/03-wakers/src/sync.rs"),
        path("tools/memory/programs/wakers.rs"),
    )
}
