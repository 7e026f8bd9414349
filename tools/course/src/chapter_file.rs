//! `chapter.toml`, as it is written: the only module that knows TOML.

use std::path::PathBuf;

use anyhow::Result;
use serde::Deserialize;

use crate::course::{Kind, Section};

/// `chapter.toml`, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChapterFile {
    pub(crate) title: String,
    pub(crate) part: String,
    pub(crate) page: String,
    /// The chapter's pages after the first.
    #[serde(default)]
    pub(crate) section: Vec<Section>,
    #[serde(default)]
    pub(crate) exercise: Vec<ExerciseEntry>,
}

/// `routes.toml`, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoutesFile {
    #[serde(default)]
    pub(crate) route: Vec<RouteEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RouteEntry {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) pace: String,
    pub(crate) about: String,
    pub(crate) exercises: Vec<String>,
}

impl RoutesFile {
    /// Reads the text of `routes.toml`.
    ///
    /// # Errors
    ///
    /// What is wrong with it, with the line.
    pub(crate) fn parse(text: &str) -> Result<RoutesFile> {
        Ok(basic_toml::from_str(text)?)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExerciseEntry {
    pub(crate) slug: String,
    pub(crate) title: String,
    pub(crate) kind: Kind,
    pub(crate) minutes: u32,
    pub(crate) page: String,
    pub(crate) answer: Option<PathBuf>,
    #[serde(default)]
    pub(crate) optional: bool,
    #[serde(default)]
    pub(crate) model: bool,
    pub(crate) after: Option<String>,
}

impl ChapterFile {
    /// Reads the text of a `chapter.toml`.
    ///
    /// # Errors
    ///
    /// What is wrong with it, with the line.
    pub(crate) fn parse(text: &str) -> Result<ChapterFile> {
        Ok(basic_toml::from_str(text)?)
    }
}
