//! Files below a folder, as answers.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use blocking::{File, ThreadPool};
use hyper::{Response, StatusCode};

use crate::file_body::FileBody;
use crate::reply::{Reply, status, with_type};

/// The files below a folder.
#[derive(Debug, Clone)]
pub struct StaticFiles {
    root: PathBuf,
    pool: Rc<ThreadPool>,
}

impl StaticFiles {
    /// The files below `root`, which threads of this pool open and read.
    pub fn new(root: impl Into<PathBuf>, pool: Rc<ThreadPool>) -> StaticFiles {
        let root = root.into();
        StaticFiles { root, pool }
    }

    /// The file with this path, of which percent signs are decoded already. An empty path, or one that ends
    /// with `/`, stands for the `index.html` in that folder.
    ///
    /// A path that could lead out of the folder, a folder, and anything else that is no file are `404 Not
    /// Found`. Symbolic links are followed: only the owner of the folder makes them.
    pub async fn respond(&self, path: &str) -> Response<Reply> {
        let Some(file) = below(&self.root, path) else {
            return status(StatusCode::NOT_FOUND);
        };
        let content_type = content_type(&file);
        match self.open(file).await {
            Ok((file, length)) => {
                let file = File::new(&self.pool, file);
                with_type(content_type, Reply::File(FileBody::new(file, length)))
            }
            Err(error) => status(match error.kind() {
                io::ErrorKind::PermissionDenied => StatusCode::FORBIDDEN,
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => StatusCode::NOT_FOUND,
                io::ErrorKind::IsADirectory | io::ErrorKind::InvalidFilename => {
                    StatusCode::NOT_FOUND
                }
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            }),
        }
    }

    /// Opens the file and asks for its length, on one thread in one go. The length is that of the file that
    /// was opened, also if another one takes its name meanwhile.
    async fn open(&self, path: PathBuf) -> io::Result<(fs::File, u64)> {
        let open = move || {
            // Opening a pipe would block the thread until another process writes to it.
            if !fs::metadata(&path)?.is_file() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            let file = fs::File::open(path)?;
            let metadata = file.metadata()?;
            Ok((file, metadata.len()))
        };
        let job = self.pool.submit(open);
        let job = job.map_err(|_| io::Error::other("the pool of threads is closed"))?;
        job.await
            .map_err(|error| io::Error::other(error.to_string()))?
    }
}

/// The path below `root`. `None` if it could lead out of it: with `..`, with a second root or a drive, or with
/// a separator of this system inside of a name.
fn below(root: &Path, path: &str) -> Option<PathBuf> {
    let mut file = root.to_owned();
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "" if is_last => file.push("index.html"),
            "" | "." | ".." => return None,
            name if name.contains(['\\', ':', '\0']) => return None,
            name => file.push(name),
        }
    }
    Some(file)
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
