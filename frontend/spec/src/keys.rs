//! The table of the format: the keys of each object, with a description and the shape of each value, and
//! the rules that hold between the keys.
//!
//! The decoder checks keys, rules and words against this table, and the schema is made from nothing
//! else. What a table cannot express, such as that two sources need different names, is code in the
//! decoder.

mod build;
mod extension;
pub(crate) mod forms;
mod image;
mod table;

pub(crate) use build::{BUILD, CACHE, SECRET, SOURCE, STEP};
pub(crate) use extension::{EXTENSION, FILE, INSTALL, PARAMETER, REPOSITORY, SHELL, TEST};
pub(crate) use image::{ARGUMENT, IMAGE, RESERVED};
pub(crate) use table::{Form, Key, Missing, Object, Presence, Rule, Shape};
