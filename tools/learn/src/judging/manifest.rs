//! The manifest of a check's package: what the exercise's crate may use, and nothing else.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use toml::{Table, Value};

use crate::learner::files;

/// A crate of the workspace and the workspace it inherits from, read once.
pub struct Manifest {
    folder: PathBuf,
    own: Table,
    root: PathBuf,
    workspace: Table,
}

impl Manifest {
    /// Reads the manifest in `folder`, a crate of the workspace at `root`.
    ///
    /// # Errors
    ///
    /// If one of the two cannot be read.
    pub fn read(root: &Path, folder: &Path) -> Result<Manifest> {
        let table = |path: PathBuf| -> Result<Table> {
            let text = files::read_text(&path)?;
            text.parse()
                .with_context(|| format!("{} is damaged", path.display()))
        };
        let mut whole = table(root.join("Cargo.toml"))?;
        let workspace = match whole.remove("workspace") {
            Some(Value::Table(workspace)) => workspace,
            _ => Table::new(),
        };
        Ok(Manifest {
            folder: folder.to_owned(),
            own: table(folder.join("Cargo.toml"))?,
            root: root.to_owned(),
            workspace,
        })
    }

    /// The names of the crates that it depends on, for its library and for its tests.
    #[must_use]
    pub fn dependency_paths(&self) -> Vec<PathBuf> {
        ["dependencies", "dev-dependencies"]
            .iter()
            .filter_map(|kind| self.dependencies(kind).ok())
            .flat_map(|table| table.into_iter().map(|(_, value)| value))
            .filter_map(|value| value.get("path")?.as_str().map(PathBuf::from))
            .collect()
    }

    /// The manifest of a package called `name` that may use what this crate may use, under the lints of `lints`.
    ///
    /// # Errors
    ///
    /// If something is inherited that the workspace does not have.
    pub fn for_check(&self, name: &str, lints: &Manifest) -> Result<String> {
        let mut package = Table::new();
        package.insert("name".into(), name.into());
        package.insert("version".into(), "0.0.0".into());
        package.insert("edition".into(), self.edition());
        package.insert("publish".into(), false.into());
        let mut library = Table::new();
        library.insert("path".into(), "lib.rs".into());
        library.insert("doctest".into(), false.into());
        let mut manifest = Table::new();
        manifest.insert("package".into(), package.into());
        manifest.insert("lib".into(), library.into());
        for kind in ["dependencies", "dev-dependencies"] {
            manifest.insert(kind.into(), self.dependencies(kind)?.into());
        }
        manifest.insert("lints".into(), lints.lints().into());
        Ok(toml::to_string(&manifest)?)
    }

    fn edition(&self) -> Value {
        let own = self
            .own
            .get("package")
            .and_then(|package| package.get("edition"));
        let shared = self
            .workspace
            .get("package")
            .and_then(|package| package.get("edition"));
        match own {
            Some(Value::String(edition)) => edition.as_str().into(),
            _ => shared.cloned().unwrap_or_else(|| "2024".into()),
        }
    }

    fn lints(&self) -> Table {
        let own = self.own.get("lints").and_then(Value::as_table);
        let inherits = own.is_some_and(|lints| lints.contains_key("workspace"));
        let lints = if inherits {
            self.workspace.get("lints").and_then(Value::as_table)
        } else {
            own
        };
        lints.cloned().unwrap_or_default()
    }

    /// The dependencies of a kind, with what is inherited filled in and paths made absolute.
    fn dependencies(&self, kind: &str) -> Result<Table> {
        let Some(written) = self.own.get(kind).and_then(Value::as_table) else {
            return Ok(Table::new());
        };
        written
            .iter()
            .map(|(name, value)| Ok((name.clone(), self.dependency(name, value)?)))
            .collect()
    }

    fn dependency(&self, name: &str, value: &Value) -> Result<Value> {
        let own = as_table(value);
        if own.get("workspace").is_none() {
            return Ok(absolute(own, &self.folder).into());
        }
        let shared = self
            .workspace
            .get("dependencies")
            .and_then(|dependencies| dependencies.get(name))
            .ok_or_else(|| anyhow!("the workspace has no dependency `{name}`"))?;
        let mut merged = absolute(as_table(shared), &self.root);
        for (key, value) in own {
            match (key.as_str(), merged.get_mut(&key)) {
                ("workspace", _) => {}
                ("features", Some(Value::Array(features))) => {
                    features.extend(value.as_array().cloned().unwrap_or_default());
                }
                _ => {
                    merged.insert(key, value);
                }
            }
        }
        Ok(merged.into())
    }
}

/// `name = "1"` is short for `name = { version = "1" }`.
fn as_table(value: &Value) -> Table {
    match value {
        Value::Table(table) => table.clone(),
        other => Table::from_iter([("version".to_owned(), other.clone())]),
    }
}

fn absolute(mut dependency: Table, folder: &Path) -> Table {
    if let Some(Value::String(path)) = dependency.get_mut("path") {
        *path = folder.join(&*path).display().to_string();
    }
    dependency
}
