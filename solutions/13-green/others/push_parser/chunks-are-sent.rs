//! Sends each chunk through `resume`, and keeps the rest of it in the input. The end is a chunk that is `None`.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use generators::{Generator, Step};
use green::{Coroutine, Yielder};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<T> {
    NeedsMore,
    Done { value: T, unread: usize },
}

type Chunk = Option<Vec<u8>>;

pub struct PushParser<T> {
    coroutine: Coroutine<Chunk, (), T>,
    unread: Rc<Cell<usize>>,
}

pub struct Input {
    yielder: Yielder<Chunk, ()>,
    chunk: Chunk,
    place: usize,
    unread: Rc<Cell<usize>>,
}

impl<T: 'static> PushParser<T> {
    pub fn new(function: impl FnOnce(Input) -> T + 'static) -> io::Result<PushParser<T>> {
        let unread = Rc::new(Cell::new(0));
        let shared = unread.clone();
        let coroutine = Coroutine::with_stack(
            256 * 1024,
            move |yielder: &Yielder<Chunk, ()>, chunk: Chunk| {
                function(Input {
                    yielder: yielder.clone(),
                    chunk,
                    place: 0,
                    unread: shared,
                })
            },
        )?;
        Ok(PushParser { coroutine, unread })
    }

    pub fn push(&mut self, bytes: &[u8]) -> Progress<T> {
        self.unread.set(bytes.len());
        match self.coroutine.resume(Some(bytes.to_vec())) {
            Step::Yielded(()) => Progress::NeedsMore,
            Step::Complete(value) => Progress::Done {
                value,
                unread: self.unread.get(),
            },
        }
    }

    pub fn finish(mut self) -> T {
        match self.coroutine.resume(None) {
            Step::Complete(value) => value,
            Step::Yielded(()) => unreachable!("nothing is missing any more"),
        }
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(chunk) = &self.chunk {
            let read = buffer.len().min(chunk.len() - self.place);
            if read > 0 || buffer.is_empty() {
                buffer[..read].copy_from_slice(&chunk[self.place..][..read]);
                self.place += read;
                self.unread.set(chunk.len() - self.place);
                return Ok(read);
            }
            self.chunk = self.yielder.suspend(());
            self.place = 0;
        }
        Ok(0)
    }
}
