//! The manifest of a check's package: what the exercise's crate may use, and nothing else.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use course::files;

/// A table of a manifest. A manifest holds no dates, so what JSON can say is enough.
pub type Table = Map<String, Value>;

/// The table in a TOML file.
///
/// # Errors
///
/// If the file cannot be read, or is no TOML.
pub(crate) fn read(path: &Path) -> Result<Table> {
    basic_toml::from_str(&files::read_text(path)?)
        .with_context(|| format!("{} is damaged", path.display()))
}

/// A table as TOML.
///
/// # Errors
///
/// If it holds what TOML does not know, such as `null`.
pub(crate) fn written(table: &Table) -> Result<String> {
    Ok(basic_toml::to_string(&TablesLast(table))?)
}

/// TOML wants the plain values of a table before the tables in it.
struct TablesLast<'a>(&'a Table);

impl Serialize for TablesLast<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in self.0 {
            if !value.is_object() {
                map.serialize_entry(key, value)?;
            }
        }
        for (key, value) in self.0 {
            if let Value::Object(table) = value {
                map.serialize_entry(key, &TablesLast(table))?;
            }
        }
        map.end()
    }
}

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
        let mut whole = self::read(&root.join("Cargo.toml"))?;
        let workspace = match whole.remove("workspace") {
            Some(Value::Object(workspace)) => workspace,
            _ => Table::new(),
        };
        Ok(Manifest {
            folder: folder.to_owned(),
            own: self::read(&folder.join("Cargo.toml"))?,
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
        written(&manifest)
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

    /// The lints that apply to its crate.
    #[must_use]
    pub fn lints(&self) -> Table {
        let own = self.own.get("lints").and_then(Value::as_object);
        let inherits = own.is_some_and(|lints| lints.contains_key("workspace"));
        let lints = if inherits {
            self.workspace.get("lints").and_then(Value::as_object)
        } else {
            own
        };
        lints.cloned().unwrap_or_default()
    }

    /// The table of dependencies named `kind`, with inherited values filled in and paths made absolute.
    fn dependencies(&self, kind: &str) -> Result<Table> {
        let Some(written) = self.own.get(kind).and_then(Value::as_object) else {
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
        Value::Object(table) => table.clone(),
        other => Table::from_iter([("version".to_owned(), other.clone())]),
    }
}

fn absolute(mut dependency: Table, folder: &Path) -> Table {
    if let Some(Value::String(path)) = dependency.get_mut("path") {
        *path = folder.join(&*path).display().to_string();
    }
    dependency
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_as_the_same_table() {
        let text = r#"
            [dependencies]
            slab = "0.4"
            anyhow = { version = "1", features = ["std", "backtrace"] }
            loops = { path = 'C:\a "b"', default-features = false }
            zlib = "1"

            [lints.rust]
            missing_docs = "warn"
            rust_2018_idioms = { level = "warn", priority = -1 }
            unused = "allow"

            [[bin]]
            name = "one"
            test = false

            [package]
            edition.workspace = true
            name = "room"
        "#;
        let table: Table = basic_toml::from_str(text).expect("it is TOML");
        let again: Table = basic_toml::from_str(&written(&table).expect("it can be written"))
            .expect("what was written is TOML");
        assert_eq!(again, table);
    }
}
