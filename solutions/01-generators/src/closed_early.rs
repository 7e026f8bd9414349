//! Debug this program.
//! A report borrows a connection from a pool while it reads its rows. It works if every
//! caller reads it to the end; on a bad day the pool runs dry. Find out why, and repair it.

use generators::{Generator, Step};

// ANCHOR: pool
/// Where connections are borrowed.
pub trait Pool {
    /// A connection. The pool has a limited number.
    type Connection;

    /// Borrows one.
    fn take(&self) -> Self::Connection;

    /// Takes one back.
    fn give_back(&self, connection: Self::Connection);
}
// ANCHOR_END: pool

/// Yields rows, and completes with their number.
///
/// It borrows a connection when it is first resumed, whether there are rows or not, keeps that one
/// whenever it is suspended after a row, and has given it back by the time it completes. A caller
/// that has seen enough drops the report, in any state; then it gives back the connection, if it holds
/// one, and borrows none.
pub struct Report<'p, P: Pool> {
    pool: &'p P,
    rows: std::vec::IntoIter<&'static str>,
    given: usize,
    connection: Option<P::Connection>,
    // YOURS
    complete: bool,
    // YOURS_END
}

impl<'p, P: Pool> Report<'p, P> {
    /// A report of these rows, with a connection that it will borrow from `pool`.
    pub fn new(pool: &'p P, rows: Vec<&'static str>) -> Report<'p, P> {
        Report {
            pool,
            rows: rows.into_iter(),
            given: 0,
            connection: None,
            // YOURS
            complete: false,
            // YOURS_END
        }
    }
    // YOURS

    // ANCHOR: let-go
    fn let_go(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.pool.give_back(connection);
        }
    }
    // ANCHOR_END: let-go
    // YOURS_END
}

impl<P: Pool> Generator for Report<'_, P> {
    type Yield = &'static str;
    type Return = usize;

    /// Yields the next row.
    ///
    /// # Panics
    ///
    /// Whenever it is resumed after it has completed: it borrows nothing then.
    // ANCHOR: resume
    fn resume(&mut self, (): ()) -> Step<&'static str, usize> {
        // YOURS
        assert!(!self.complete, "resumed after completion");
        if self.connection.is_none() {
            self.connection = Some(self.pool.take());
        }
        if let Some(row) = self.rows.next() {
            self.given += 1;
            return Step::Yielded(row);
        }
        self.complete = true;
        self.let_go();
        Step::Complete(self.given)
        // STUB: let connection = match self.connection.take() {
        // STUB:     Some(connection) => connection,
        // STUB:     None => self.pool.take(),
        // STUB: };
        // STUB: if let Some(row) = self.rows.next() {
        // STUB:     self.connection = Some(connection);
        // STUB:     self.given += 1;
        // STUB:     return Step::Yielded(row);
        // STUB: }
        // STUB: self.pool.give_back(connection);
        // STUB: Step::Complete(self.given)
        // YOURS_END
    }
    // ANCHOR_END: resume
}
// YOURS

// ANCHOR: drop
/// Closing a report early is dropping it.
impl<P: Pool> Drop for Report<'_, P> {
    fn drop(&mut self) {
        self.let_go();
    }
}
// ANCHOR_END: drop
// YOURS_END
