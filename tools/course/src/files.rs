//! Reading and writing files so that nothing is lost, and saying in one sentence what went wrong.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};

/// The text of a file, with line endings as they are.
///
/// # Errors
///
/// One sentence that names the file: it is missing, a folder, not readable, or not UTF-8.
pub fn read_text(path: &Path) -> Result<String> {
    let shown = path.display();
    if path.is_dir() {
        return Err(anyhow!("{shown} is a folder, and a file should be there."));
    }
    let bytes = fs::read(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => anyhow!("There is no file {shown}."),
        _ => anyhow!("{shown} cannot be read: {error}."),
    })?;
    String::from_utf8(bytes).map_err(|_| anyhow!("{shown} is not UTF-8 text."))
}

/// The text of a file with `\n` at the end of each line; `None` if there is no such file.
///
/// # Errors
///
/// As [`read_text`], but for a file that is missing.
pub fn read_if_there(path: &Path) -> Result<Option<String>> {
    match path.try_exists() {
        Ok(false) => Ok(None),
        _ => read_text(path).map(|text| Some(normalise(&text))),
    }
}

/// Writes a file under a temporary name and renames it, so that no reader ever sees half of it. Makes its folder.
///
/// # Errors
///
/// One sentence that names the file.
pub fn write_whole(path: &Path, contents: &str) -> Result<()> {
    let attempt = || -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let new = temporary_name(path);
        let written = fs::File::create(&new)
            .and_then(|mut file| file.write_all(contents.as_bytes()))
            .and_then(|()| fs::rename(&new, path));
        if written.is_err() {
            let _ = fs::remove_file(&new);
        }
        written
    };
    attempt().with_context(|| format!("{} cannot be written", path.display()))
}

/// Writes a file only if it holds something else, so that nothing that depends on it is built anew.
///
/// # Errors
///
/// As [`write_whole`].
pub fn write_if_changed(path: &Path, contents: &str) -> Result<()> {
    match fs::read(path) {
        Ok(old) if old == contents.as_bytes() => Ok(()),
        _ => write_whole(path, contents),
    }
}

fn temporary_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".new-{}", std::process::id()));
    path.with_file_name(name)
}

/// The same text with `\n` at the end of each line.
#[must_use]
pub fn normalise(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// The SHA-256 of a text with its line endings normalised, in hexadecimal.
#[must_use]
pub fn hash(text: &str) -> String {
    let digest = hmac_sha256::Hash::hash(normalise(text).as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The files of a folder whose name ends so, sorted; none if there is no such folder.
#[must_use]
pub fn with_ending(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    files.sort();
    files
}

/// A path as it is shown: relative to the course's folder, with slashes.
#[must_use]
pub fn shown(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    path.display().to_string().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_does_not_depend_on_line_endings() {
        assert_eq!(hash("a\r\nb\r\n"), hash("a\nb\n"));
        assert_ne!(hash("a\nb\n"), hash("a\nb"));
    }

    #[test]
    fn a_hash_is_that_of_sha256sum() {
        assert_eq!(
            hash("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
