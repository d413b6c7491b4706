//! A mapping with keys of the format, compared with the table of its keys.

use source::{Code, Diagnostic, Diagnostics, Reported, closest};

use crate::decode::phrase::{shortened, words};
use crate::decode::value::{Value, mapping};
use crate::keys::{Key, Object, Presence};
use crate::yaml::Entry;

/// A mapping whose keys were compared with the format's.
pub(crate) struct Fields<'a> {
    value: Value<'a>,
    entries: &'a [Entry],
    object: &'static Object,
    has_unknown: bool,
}

/// Compares a mapping with an object of the format: unknown, planned and missing keys are reported.
pub(crate) fn fields<'a>(
    diagnostics: &mut Diagnostics,
    value: Value<'a>,
    object: &'static Object,
) -> Result<Fields<'a>, Reported> {
    let entries = mapping(diagnostics, value)?;
    let mut meant = Vec::new();
    let mut has_unknown = false;
    for entry in entries {
        match object.key(&entry.key.value) {
            Some(key) if key.presence == Presence::Planned => report_planned(diagnostics, entry),
            Some(_) => {}
            None => {
                has_unknown = true;
                meant.extend(report_unknown(diagnostics, entry, object));
            }
        }
    }
    let fields = Fields {
        value,
        entries,
        object,
        has_unknown,
    };
    for key in object.keys {
        let is_missing = key.presence == Presence::Required && fields.get(key.name).is_none();
        // One mistake, one error: a misspelled key was reported with the name it should have.
        if is_missing && !meant.contains(&key.name) {
            fields.report_missing(diagnostics, key);
        }
    }
    Ok(fields)
}

impl<'a> Fields<'a> {
    /// The value of a key of the object, if the key is written.
    ///
    /// # Panics
    ///
    /// When the object's table has no such key in this version.
    pub(crate) fn get(&self, name: &str) -> Option<Value<'a>> {
        let known = self.object.key(name).map(|key| key.presence);
        assert!(
            known.is_some_and(|presence| presence != Presence::Planned),
            "the decoder asks for keys of its table: `{name}`"
        );
        let entry = self.entries.iter().find(|entry| entry.key.value == name)?;
        Some(Value::of(entry))
    }

    /// The value of a key that must be there; when it is missing, that was reported.
    pub(crate) fn required(&self, name: &str) -> Result<Value<'a>, Reported> {
        let is_required = |key: &Key| key.presence == Presence::Required;
        assert!(
            self.object.key(name).is_some_and(is_required),
            "the table says that `{name}` must be there"
        );
        self.get(name).ok_or(Reported)
    }

    /// What is read of a key that may be absent; nothing, too, when something was reported.
    pub(crate) fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(Value<'a>) -> Result<T, Reported>,
    ) -> Option<T> {
        self.get(name).and_then(|value| read(value).ok())
    }

    /// Those of these keys that are there, in the order of `names`.
    pub(crate) fn present(&self, names: &[&'static str]) -> Vec<(&'static str, Value<'a>)> {
        let present = |name: &&'static str| Some((*name, self.get(name)?));
        names.iter().filter_map(present).collect()
    }

    /// Reports that a key is missing from the object, at its first line.
    pub(crate) fn report_missing(&self, diagnostics: &mut Diagnostics, key: &Key) -> Reported {
        let message = format!("`{}` is missing", key.name);
        let help = format!("add `{}: …`, {}", key.name, key.description);
        diagnostics
            .push(Diagnostic::new(Code::MissingKey, self.value.first_line(), message).help(help));
        Reported
    }

    /// The one of these keys that is there; none or several are reported.
    pub(crate) fn one_of(
        &self,
        diagnostics: &mut Diagnostics,
        names: &[&'static str],
    ) -> Result<(&'static str, Value<'a>), Reported> {
        let present = self.present(names);
        if let [(first, value), (second, other), ..] = present.as_slice() {
            let message = format!("`{first}` and `{second}` exclude each other");
            diagnostics.push(
                Diagnostic::new(Code::BadValue, other.place, message)
                    .label(value.place, format!("`{first}` is here"))
                    .help("keep one of them"),
            );
            return Err(Reported);
        }
        if present.is_empty() && !self.has_unknown {
            let message = format!(
                "{} has none of the keys that it needs one of",
                self.value.label
            );
            let help = format!("write one of {}", words(names.iter().copied()));
            let place = self.value.first_line();
            diagnostics.push(Diagnostic::new(Code::MissingKey, place, message).help(help));
        }
        present.first().copied().ok_or(Reported)
    }
}

fn report_planned(diagnostics: &mut Diagnostics, entry: &Entry) {
    let message = format!("`{}` is planned and not in this version", entry.key.value);
    diagnostics
        .push(Diagnostic::new(Code::PlannedKey, entry.key.span, message).help("leave it out"));
}

/// Gives the key that was meant, if that can be told.
fn report_unknown(
    diagnostics: &mut Diagnostics,
    entry: &Entry,
    object: &'static Object,
) -> Option<&'static str> {
    let name = &entry.key.value;
    let meant = closest(name, object.names());
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the keys here are {}", words(object.names())),
    };
    let message = format!("unknown key `{}`", shortened(name));
    diagnostics.push(Diagnostic::new(Code::UnknownKey, entry.key.span, message).help(help));
    meant
}
