//! The hashes of files and folders, each read once.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use course::files;

/// What lies in a course's folders and is no source of anything.
const NO_SOURCES: [&str; 4] = ["target", ".git", ".learn", "node_modules"];

/// The hashes of files and folders.
#[derive(Debug, Default)]
pub(crate) struct Hashes(Mutex<BTreeMap<PathBuf, String>>);

impl Hashes {
    /// The hash of a file's contents, or of a folder's: its files' paths and contents. What cannot be read has an empty one.
    pub(crate) fn of(&self, path: &Path) -> String {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hash) = known.get(path) {
            return hash.clone();
        }
        drop(known);
        let hash = if path.is_dir() {
            self.of_folder(path)
        } else {
            fs::read(path).map_or_else(
                |_| String::new(),
                |bytes| files::hash(&String::from_utf8_lossy(&bytes)),
            )
        };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(path.to_owned(), hash.clone());
        hash
    }

    fn of_folder(&self, folder: &Path) -> String {
        let lines = entries(folder).into_iter().map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            format!("{} {name}\n", self.of(&path))
        });
        files::hash(&lines.collect::<String>())
    }
}

/// What a folder holds, sorted.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| !NO_SOURCES.iter().any(|name| entry.file_name() == *name))
        .map(|entry| entry.path())
        .filter(|path| !path.is_symlink())
        .collect();
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_another_hash_when_a_file_in_it_changes_or_is_renamed() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let hash = || Hashes::default().of(folder.path());
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::write(folder.path().join("src/a.rs"), "1").unwrap();
        let first = hash();
        fs::write(folder.path().join("src/a.rs"), "2").unwrap();
        let second = hash();
        fs::rename(
            folder.path().join("src/a.rs"),
            folder.path().join("src/b.rs"),
        )
        .unwrap();
        let third = hash();
        assert!(first != second && second != third && first != third);
        fs::create_dir(folder.path().join("target")).unwrap();
        fs::write(folder.path().join("target/c"), "3").unwrap();
        assert_eq!(hash(), third);
    }
}
