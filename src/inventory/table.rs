//! CSV of whichever kind, row by row. In: text. Out: its header and its rows, each with its line; what is no CSV, as an
//! error that names its line.

use super::error::{InventoryError, Problem};
use super::file::File;

/// A text of CSV that is read.
pub(super) struct Table<'a> {
    file: &'a File<'a>,
    reader: csv::Reader<&'a [u8]>,
    row: csv::StringRecord,
}

impl<'a> Table<'a> {
    /// Reads `text`, which stands in `file`. `ragged` says whether rows may be shorter or longer than the header.
    pub(super) fn new(file: &'a File<'a>, text: &'a str, ragged: bool) -> Self {
        let mut builder = csv::ReaderBuilder::new();
        let reader = builder.trim(csv::Trim::All).flexible(ragged).from_reader(text.as_bytes());
        Self { file, reader, row: csv::StringRecord::new() }
    }

    /// The names of the columns.
    pub(super) fn header(&mut self) -> Result<csv::StringRecord, InventoryError> {
        self.reader.headers().cloned().map_err(|error| syntax(self.file, &error))
    }

    /// The next row, and its line.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &csv::StringRecord)>, InventoryError> {
        let any = self.reader.read_record(&mut self.row).map_err(|error| syntax(self.file, &error))?;
        Ok(any.then(|| (self.row.position().map_or(1, csv::Position::line), &self.row)))
    }
}

/// What the first line names, if it is CSV.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().split(',')
}

fn syntax(file: &File<'_>, error: &csv::Error) -> InventoryError {
    let line = error.position().map_or(1, csv::Position::line);
    let problem = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the row has {len} fields, the header {expected_len}")
        }
        // No other kind can come from text in memory; its message could repeat some of that text.
        _ => "not a row of CSV".to_owned(),
    };
    file.error_on(line, None, Problem::Syntax(problem))
}
