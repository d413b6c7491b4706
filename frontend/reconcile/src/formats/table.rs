//! Tables of accounts, which have one line for each account and separate its fields by colons.

use std::collections::BTreeMap;

use crate::formats::lines;

/// The fields of one line.
pub(crate) type Row = Vec<Vec<u8>>;

/// The lines of a file. Parsing loses nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table(pub(crate) Vec<Row>);

impl Table {
    /// Parses a file.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let row = |line: &[u8]| {
            line.split(|byte| *byte == b':')
                .map(<[u8]>::to_vec)
                .collect()
        };
        Self(lines::split(bytes).into_iter().map(row).collect())
    }

    /// Writes the file.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        lines::join(&self.0.iter().map(|row| row.join(&b':')).collect::<Vec<_>>())
    }

    /// The same lines, in which each account has at least this number of fields. Programs read a field that is
    /// missing as an empty one.
    pub(crate) fn padded(mut self, fields: usize) -> Self {
        for row in &mut self.0 {
            if is_account(row) && row.len() < fields {
                row.resize(fields, Vec::new());
            }
        }
        self
    }

    /// The account of this name.
    pub(crate) fn get(&self, name: &[u8]) -> Option<&Row> {
        self.rows().find(|row| row[0] == name)
    }

    /// The account of this name, to be changed.
    pub(crate) fn get_mut(&mut self, name: &[u8]) -> Option<&mut Row> {
        self.0
            .iter_mut()
            .find(|row| is_account(row) && row[0] == name)
    }

    /// The lines that describe accounts.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.0.iter().filter(|row| is_account(row))
    }

    /// Appends an account.
    pub(crate) fn push(&mut self, row: Row) {
        let is_ended = self
            .0
            .last()
            .is_some_and(|last| last.len() == 1 && last[0].is_empty());
        let end = self.0.len() - usize::from(is_ended);
        self.0.insert(end, row);
        if !is_ended {
            self.0.push(vec![Vec::new()]);
        }
    }

    /// The ids in use, with the names that have them.
    pub(crate) fn used_ids(&self) -> BTreeMap<u32, Vec<u8>> {
        self.rows()
            .filter_map(|row| Some((parse_id(row, 2)?, row[0].clone())))
            .collect()
    }
}

/// Whether a line describes an account: a name, a password and more. Others are comments, or mean something to NIS.
fn is_account(row: &Row) -> bool {
    row.len() > 2 && !row[0].is_empty()
}

/// Parses the number in a field of a line.
pub(crate) fn parse_id(row: &Row, field: usize) -> Option<u32> {
    std::str::from_utf8(row.get(field)?).ok()?.parse().ok()
}

/// Writes an id as a field.
pub(crate) fn format_id(id: u32) -> Vec<u8> {
    id.to_string().into_bytes()
}
