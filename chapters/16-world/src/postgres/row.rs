//! Rows, as text.

use std::fmt;
use std::ops::Range;
use std::rc::Rc;
use std::str::FromStr;

use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::{DataRowBody, RowDescriptionBody};

use super::error::Error;

/// One row. The server writes every value as text.
#[derive(Clone)]
pub struct Row {
    columns: Rc<[String]>,
    ranges: Vec<Option<Range<usize>>>,
    bytes: bytes::Bytes,
}

impl Row {
    pub(super) fn read(columns: &Rc<[String]>, body: &DataRowBody) -> Result<Row, Error> {
        let ranges: Vec<Option<Range<usize>>> = body.ranges().collect()?;
        let bytes = body.buffer_bytes().clone();
        let is_text = |range: &Range<usize>| std::str::from_utf8(&bytes[range.clone()]).is_ok();
        if !ranges.iter().flatten().all(is_text) {
            return Err(Error::protocol("a value that is not UTF-8"));
        }
        Ok(Row {
            columns: Rc::clone(columns),
            ranges,
            bytes,
        })
    }

    /// The names of the columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The text in this column; `None` if it is NULL, or if there is no such column.
    #[must_use]
    pub fn get(&self, column: usize) -> Option<&str> {
        let range = self.ranges.get(column)?.clone()?;
        std::str::from_utf8(&self.bytes[range]).ok()
    }

    /// The value in this column.
    ///
    /// # Errors
    ///
    /// [`Error::Misused`] if there is no such column, its value is NULL, or the text does not stand for a `T`.
    pub fn parse<T: FromStr>(&self, column: usize) -> Result<T, Error> {
        let misused = |what: &str| Error::Misused(format!("column {column} {what}"));
        let text = self
            .get(column)
            .ok_or_else(|| misused("is NULL or missing"))?;
        text.parse()
            .map_err(|_| misused(&format!("is no {}", std::any::type_name::<T>())))
    }
}

pub(super) fn columns(body: &RowDescriptionBody) -> Result<Rc<[String]>, Error> {
    let names: Vec<String> = body
        .fields()
        .map(|field| Ok(field.name().to_owned()))
        .collect()?;
    Ok(names.into())
}

impl fmt::Debug for Row {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = (0..self.ranges.len()).map(|column| self.get(column));
        let names = self.columns.iter();
        out.debug_map().entries(names.zip(values)).finish()
    }
}
