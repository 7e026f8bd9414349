//! The function that is lowered in this chapter: two awaits, and a branch between them.

// ANCHOR: site
/// A site with one page, of which there is a new version from time to time.
pub trait Site {
    /// The answer to [`version`](Site::version).
    type Version: Future<Output = u32> + Unpin;

    /// The answer to [`download`](Site::download).
    type Download: Future<Output = String> + Unpin;

    /// Asks for the number of the newest version.
    fn version(&self) -> Self::Version;

    /// Asks for the text of a version.
    fn download(&self, version: u32) -> Self::Download;
}

/// What [`refresh`] found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refreshed {
    /// What is known is the newest version.
    Current,
    /// There is a newer one.
    New {
        /// Its number.
        version: u32,
        /// Its text.
        text: String,
    },
}
// ANCHOR_END: site

// ANCHOR: refresh
/// Looks whether there is a newer version than the one that is known, and downloads it if so.
///
/// # Cancel safety
///
/// Nothing is lost but what was asked for: whoever drops it has to ask again.
pub async fn refresh<S: Site>(site: &S, known: u32) -> Refreshed {
    let version = site.version().await;
    if version == known {
        return Refreshed::Current;
    }
    let text = site.download(version).await;
    Refreshed::New { version, text }
}
// ANCHOR_END: refresh
