//! How many crates a first build compiles.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

#[cfg(feature = "screen")]
use course::course::{Course, Exercise};

/// The number of crates that the check of an exercise depends on, its own package aside. `None` if cargo cannot say: a total
/// is a comfort, and nothing depends on it. The room of the exercise must be furnished.
#[cfg(feature = "screen")]
pub(crate) fn count(course: &Course, exercise: &Exercise) -> Option<usize> {
    let room = format!("{}-{}-own", exercise.chapter, exercise.short_name());
    let manifest = course.target.join("rooms").join(room).join("Cargo.toml");
    in_workspace(&course.root, &manifest)
}

/// The number of packages in a workspace and of those that they depend on. `None` if cargo cannot say.
pub(crate) fn in_workspace(root: &Path, manifest: &Path) -> Option<usize> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(root)
        .args([
            "tree",
            "--offline",
            "--quiet",
            "--workspace",
            "--prefix",
            "none",
            "--no-dedupe",
        ])
        .arg("--manifest-path")
        .arg(manifest)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then(|| packages_in(&said))
}

/// The packages of a tree: `name v1.2.3 …` on each line.
fn packages_in(tree: &str) -> usize {
    let packages: BTreeSet<(&str, &str)> = tree
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?, words.next()?))
        })
        .filter(|(name, _)| !name.starts_with("check-"))
        .collect();
    packages.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_package_counts_once_and_the_check_itself_does_not() {
        let tree = "check-a-own v0.1.0 (/x)\nprobe v0.1.0 (/y)\nserde v1.0.0\nserde v1.0.0 (*)\n\nserde v2.0.0\n";
        assert_eq!(packages_in(tree), 3);
    }
}
