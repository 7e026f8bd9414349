//! The script and the style of the runs that are stepped through. They lie in `tools/picture`, in one copy; mdBook takes in what is
//! below the book's folder, so they are written there before each build.

use std::fs;
use std::path::Path;

use anyhow::Context;
use picture::player::{SCRIPT, STYLE};

/// Writes both into the book's folder, as `book.toml` names them.
pub(crate) fn write(book: &Path) -> anyhow::Result<()> {
    let folder = book.join("theme/written");
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    for (name, text) in [("player.js", SCRIPT), ("player.css", STYLE)] {
        let path = folder.join(name);
        let same = fs::read_to_string(&path).is_ok_and(|there| there == text);
        if !same {
            fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        }
    }
    Ok(())
}
