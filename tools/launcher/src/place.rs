//! Where things are: the course, and the program that is built beside this one.

use std::path::{Path, PathBuf};

use crate::parts::Parts;

/// Where things are.
pub(crate) struct Place {
    /// The course's folder.
    pub(crate) root: PathBuf,
    /// The learner's command line, once it is built.
    pub(crate) program: PathBuf,
}

impl Place {
    /// Tells it from where this program's package is, and from where it was built to.
    ///
    /// `cargo run` says where the package is now. Where it was when this program was compiled may be a folder that has been moved since:
    /// cargo does not compile anew for that.
    pub(crate) fn find() -> Result<Place, String> {
        let package = std::env::var_os("CARGO_MANIFEST_DIR");
        let package = PathBuf::from(package.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()));
        let root = package.ancestors().nth(2);
        let itself = std::env::current_exe()
            .map_err(|error| format!("The launcher cannot find itself: {error}."))?;
        let name = format!("learn{}", std::env::consts::EXE_SUFFIX);
        Ok(Place {
            root: root.unwrap_or(Path::new(".")).to_owned(),
            program: itself.with_file_name(name),
        })
    }

    /// What the program is made from besides Rust sources.
    pub(crate) fn manifests(&self) -> Vec<PathBuf> {
        [
            "Cargo.toml",
            "Cargo.lock",
            "tools/learn/Cargo.toml",
            "tools/course/Cargo.toml",
            "tools/picture/Cargo.toml",
            "tools/probe/Cargo.toml",
        ]
        .iter()
        .map(|name| self.root.join(name))
        .collect()
    }

    /// Cargo's list of the sources that the program was made from.
    pub(crate) fn sources_list(&self) -> PathBuf {
        self.program.with_extension("d")
    }

    /// A file whose time is when the last successful build of these parts began.
    pub(crate) fn stamp(&self, parts: Parts) -> PathBuf {
        self.program.with_extension(match parts {
            Parts::WithoutScreen => "first-stamp",
            Parts::All => "stamp",
        })
    }

    /// What cargo said when a build failed.
    pub(crate) fn log(&self) -> PathBuf {
        self.program.with_extension("log")
    }
}
