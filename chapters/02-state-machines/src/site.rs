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
    /// The site has the known version.
    Current,
    /// The site has another version.
    New {
        /// Its number.
        version: u32,
        /// Its text.
        text: String,
    },
}
// ANCHOR_END: site

// ANCHOR: refresh
/// Asks the site for its version, and downloads the text if that is not the known version.
///
/// # Cancel safety
///
/// Dropping it drops the answers that are under way. A later call asks again.
pub async fn refresh<S: Site>(site: &S, known: u32) -> Refreshed {
    let version = site.version().await;
    if version == known {
        return Refreshed::Current;
    }
    let text = site.download(version).await;
    Refreshed::New { version, text }
}
// ANCHOR_END: refresh
