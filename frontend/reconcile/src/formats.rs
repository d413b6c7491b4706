//! The formats of the files that the crate reads and writes. Nothing here knows about layers or rules.

pub(crate) mod access_list;
pub(crate) mod alternative;
pub(crate) mod diversion;
pub(crate) mod job;
pub(crate) mod lines;
pub(crate) mod listing;
pub(crate) mod relations;
pub(crate) mod stanza;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod version;
