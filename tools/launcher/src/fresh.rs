//! Whether the program is newer than everything it was made from. Asking cargo would take longer than most commands.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::parts::Parts;
use crate::place::Place;

/// Whether nothing has changed since the last successful build of these parts.
pub(crate) fn is_fresh(place: &Place, parts: Parts) -> bool {
    let fresh = || -> io::Result<bool> {
        let built = modified(&place.stamp(parts))?;
        fs::metadata(&place.program)?;
        let list = fs::read_to_string(place.sources_list())?;
        for path in sources(&list).into_iter().chain(place.manifests()) {
            if modified(&path)? >= built {
                return Ok(false);
            }
        }
        Ok(true)
    };
    fresh().unwrap_or(false)
}

/// Remembers a build that began at `begun`: what was saved while it ran is newer than that.
pub(crate) fn remember(place: &Place, parts: Parts, begun: SystemTime) -> io::Result<()> {
    File::create(place.stamp(parts))?.set_modified(begun)
}

fn modified(path: &Path) -> io::Result<SystemTime> {
    fs::metadata(path)?.modified()
}

/// The paths after the colon of `program: a.rs b.rs`. A space within a path is written `\ `.
fn sources(list: &str) -> Vec<PathBuf> {
    let Some((_, paths)) = list.lines().next().and_then(|line| line.split_once(": ")) else {
        return Vec::new();
    };
    let mut sources = vec![String::new()];
    let mut chars = paths.chars().peekable();
    while let Some(char) = chars.next() {
        match (char, chars.peek()) {
            ('\\', Some(' ')) => sources
                .last_mut()
                .expect("there is one")
                .extend(chars.next()),
            (' ', _) => sources.push(String::new()),
            _ => sources.last_mut().expect("there is one").push(char),
        }
    }
    sources.retain(|path| !path.is_empty());
    sources.into_iter().map(PathBuf::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sources_are_read_from_cargos_list() {
        let list = "/t/learn: /a/b.rs /with\\ space/c.rs\n";
        assert_eq!(
            sources(list),
            [PathBuf::from("/a/b.rs"), PathBuf::from("/with space/c.rs")]
        );
        assert_eq!(
            sources(r"C:\t\learn.exe: C:\a\b.rs"),
            [PathBuf::from(r"C:\a\b.rs")]
        );
    }
}
