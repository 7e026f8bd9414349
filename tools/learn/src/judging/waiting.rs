//! Waiting for another process that builds in the same folder, and saying so.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::stop::{Stop, Stopped};

type Listener = Box<dyn Fn(&str) + Send>;

/// What this process does with the sentence. One listener for the process, because what waits is the process: the lock may be
/// met anywhere in a build.
static LISTENER: Mutex<Option<Listener>> = Mutex::new(None);

/// From now on a wait for another process is told to `listener`. Where nothing listens, as on a full screen that shows the build
/// anyway, the wait is silent.
pub fn tell(listener: impl Fn(&str) + Send + 'static) {
    *LISTENER.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(listener));
}

/// Says on standard error that this process waits.
pub fn tell_on_standard_error() {
    tell(|sentence| eprintln!("{sentence}"));
}

/// The lock of a folder, which is made if need be: a file that holds the number of the process that has it.
///
/// # Errors
///
/// One sentence if it cannot be written; [`Stopped`] if asked to stop.
pub fn lock(folder: &Path, stop: &Stop) -> Result<File> {
    lock_saying(folder, stop, |holder| {
        // Another thread of this process, which compiles ahead, gives way by itself.
        if holder != Some(std::process::id()) {
            let sentence = match holder {
                Some(process) => {
                    format!("Another cargo learn is building (process {process}); waiting for it.")
                }
                None => "Another cargo learn is building; waiting for it.".to_owned(),
            };
            if let Some(listener) = &*LISTENER.lock().unwrap_or_else(PoisonError::into_inner) {
                listener(&sentence);
            }
        }
    })
}

/// The same; `waits` is told at once if another process has the lock, and which one, if that is known.
///
/// # Errors
///
/// As [`lock`].
pub fn lock_saying(folder: &Path, stop: &Stop, waits: impl FnOnce(Option<u32>)) -> Result<File> {
    const PAUSE: Duration = Duration::from_millis(10);
    let unwritable = || format!("the build folder {} cannot be written", folder.display());
    let path = folder.join("in-use");
    let mut file = fs::create_dir_all(folder)
        .and_then(|()| open(&path))
        .with_context(unwritable)?;
    let mut waits = Some(waits);
    loop {
        match file.try_lock() {
            Ok(()) => {
                let number = std::process::id().to_string();
                file.set_len(0)
                    .and_then(|()| file.write_all(number.as_bytes()))
                    .with_context(unwritable)?;
                return Ok(file);
            }
            Err(TryLockError::WouldBlock) if stop.asked() => return Err(Stopped.into()),
            Err(TryLockError::WouldBlock) => {
                if let Some(waits) = waits.take() {
                    waits(holder(&path));
                }
                thread::sleep(PAUSE);
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(unwritable),
        }
    }
}

/// Opens it without a change: it holds the number of another process.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    options.open(path)
}

/// The process that has the lock. Where a locked file cannot be read, as on Windows, it is not known.
fn holder(path: &Path) -> Option<u32> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn a_process_that_waits_is_told_for_which_one() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let stop = Stop::default();
        let held = lock_saying(folder.path(), &stop, |_| panic!("it is free")).expect("it is free");
        let told = Cell::new(None);
        stop.ask();
        let result = lock_saying(folder.path(), &stop, |holder| told.set(holder));
        assert!(result.is_err());
        let other = Stop::default();
        let asking = other.clone();
        let waiting = lock_saying(folder.path(), &other, |holder| {
            told.set(holder);
            asking.ask();
        });
        assert!(waiting.is_err());
        assert_eq!(told.get(), Some(std::process::id()));
        drop(held);
        lock_saying(folder.path(), &Stop::default(), |_| {
            panic!("it is free again")
        })
        .expect("it is free again");
    }
}
