//! A mapping with keys of the format, compared with the table of its keys and rules.

use source::{Code, Diagnostic, Diagnostics, Reported, closest};

use crate::decode::phrase::{choice, shortened, words};
use crate::decode::scalar::bad_value;
use crate::decode::value::{Value, mapping};
use crate::keys::{Key, Missing, Object, Presence, Rule};
use crate::yaml::tree::Entry;

/// A mapping whose keys were compared with the format's.
pub(crate) struct Fields<'a> {
    value: Value<'a>,
    entries: &'a [Entry],
    object: &'static Object,
    /// Keys that were reported, so that the decoder does not see them.
    refused: Vec<&'static str>,
    /// The key that the object's [`Rule::OneOf`] asks for.
    choice: Result<&'static str, Reported>,
}

/// Compares a mapping with an object of the format: keys that are unknown, planned or missing are
/// reported, and so are keys that break a rule.
pub(crate) fn fields<'a>(
    diagnostics: &mut Diagnostics,
    value: Value<'a>,
    object: &'static Object,
) -> Result<Fields<'a>, Reported> {
    let mut fields = Fields {
        value,
        entries: mapping(diagnostics, value)?,
        object,
        refused: Vec::new(),
        choice: Err(Reported),
    };
    let unknown = fields.check_keys(diagnostics);
    fields.check_required(diagnostics, &unknown);
    fields.check_rules(diagnostics, &unknown);
    Ok(fields)
}

impl<'a> Fields<'a> {
    /// The value of a key of the object, unless the key is not written or was reported.
    ///
    /// # Panics
    ///
    /// When the object's table has no such key in this version.
    pub(crate) fn get(&self, name: &str) -> Option<Value<'a>> {
        self.key(name);
        self.entry(name).map(Value::of)
    }

    /// The value of a key that must be there; when it is missing, that was reported.
    ///
    /// # Panics
    ///
    /// When the table does not say that it must be there.
    pub(crate) fn required(&self, name: &str) -> Result<Value<'a>, Reported> {
        let is_required = self.key(name).presence == Presence::Required;
        assert!(is_required, "the table says that `{name}` must be there");
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

    /// The one key that the object's rule asks for, and its value; when there are none or several,
    /// that was reported.
    pub(crate) fn choice(&self) -> Result<(&'static str, Value<'a>), Reported> {
        let has_choice = |rule: &Rule| matches!(rule, Rule::OneOf(_));
        assert!(
            self.object.rules.iter().any(has_choice),
            "the table has a rule for the choice"
        );
        let name = self.choice?;
        Ok((name, self.get(name).ok_or(Reported)?))
    }

    /// The words that the table has for a key.
    pub(crate) fn words(&self, name: &str) -> &'static [&'static str] {
        self.key(name).shape.words()
    }

    fn key(&self, name: &str) -> &'static Key {
        let known = |key: &&Key| key.presence != Presence::Planned;
        let key = self.object.key(name).filter(known);
        key.unwrap_or_else(|| panic!("the decoder asks for keys of its table: `{name}`"))
    }

    fn entry(&self, name: &str) -> Option<&'a Entry> {
        let mut entries = self.entries.iter();
        let entry = entries.find(|entry| entry.key.value == name);
        entry.filter(|_| !self.refused.contains(&name))
    }

    /// Reports keys that the format does not have.
    fn check_keys(&mut self, diagnostics: &mut Diagnostics) -> Unknown {
        let mut unknown = Unknown::default();
        for entry in self.entries {
            let Some(key) = self.object.key(&entry.key.value) else {
                unknown.is_any = true;
                let meant = report_unknown(diagnostics, entry, self.object);
                unknown.meant.extend(meant);
                continue;
            };
            if key.presence == Presence::Planned {
                let message = format!(
                    "`{}` is planned, but not available in this version",
                    key.name
                );
                let diagnostic = Diagnostic::new(Code::PlannedKey, entry.key.span, message);
                diagnostics.push(diagnostic.help("leave it out"));
            } else if key.shape.plans_mapping() && Value::of(entry).is_mapping() {
                self.refused.push(key.name);
                let message = format!(
                    "`{}` as a mapping is planned, but not available in this version",
                    key.name
                );
                let diagnostic = Diagnostic::new(Code::PlannedKey, entry.key.span, message);
                diagnostics.push(diagnostic.help("write a list, or leave the key out"));
            }
        }
        unknown
    }

    fn check_required(&self, diagnostics: &mut Diagnostics, unknown: &Unknown) {
        for key in self.object.keys {
            let is_missing = key.presence == Presence::Required && self.entry(key.name).is_none();
            if is_missing && !unknown.meant.contains(&key.name) {
                self.report_missing(diagnostics, key);
            }
        }
    }

    fn check_rules(&mut self, diagnostics: &mut Diagnostics, unknown: &Unknown) {
        for rule in self.object.rules {
            match rule {
                Rule::OneOf(names) => {
                    self.choice = match self.exactly_one(diagnostics, names) {
                        Ok(Some(name)) => Ok(name),
                        Ok(None) if unknown.is_any => Err(Reported),
                        Ok(None) => Err(self.report_no_choice(diagnostics, names)),
                        Err(reported) => Err(reported),
                    };
                    if self.choice.is_err() {
                        return;
                    }
                }
                Rule::Needs {
                    keys,
                    one_of,
                    missing,
                } => {
                    for key in *keys {
                        let Some(value) = self.get(key) else { continue };
                        let found = self.exactly_one(diagnostics, one_of);
                        let is_meant = one_of.iter().any(|key| unknown.meant.contains(key));
                        if found == Ok(None) && !is_meant {
                            self.report_needed(diagnostics, value, one_of, missing.as_ref());
                        }
                    }
                }
                Rule::OnlyWith { keys, one_of } => {
                    if one_of.iter().all(|other| self.entry(other).is_none()) {
                        self.refuse_stray(diagnostics, keys, one_of);
                    }
                }
            }
        }
    }

    /// The one of these keys that is written, or none; if several are, that is reported.
    fn exactly_one(
        &mut self,
        diagnostics: &mut Diagnostics,
        names: &[&'static str],
    ) -> Result<Option<&'static str>, Reported> {
        let written = |name: &&'static str| Some((*name, self.entry(name)?.key.span));
        let written: Vec<_> = names.iter().filter_map(written).collect();
        if let [(first, place), (second, other), ..] = written.as_slice() {
            let message = format!("`{first}` and `{second}` cannot be used together");
            diagnostics.push(
                Diagnostic::new(Code::BadValue, *other, message)
                    .label(*place, format!("`{first}` is here"))
                    .help("keep one of them"),
            );
            self.refused.extend(written.iter().map(|(name, _)| name));
            return Err(Reported);
        }
        Ok(written.first().map(|(name, _)| *name))
    }

    fn report_no_choice(&self, diagnostics: &mut Diagnostics, names: &[&str]) -> Reported {
        let names = choice(names.iter().copied());
        let message = format!("{} must have one of the keys {names}", self.value.label);
        let place = self.value.first_line();
        let diagnostic = Diagnostic::new(Code::MissingKey, place, message);
        diagnostics.push(diagnostic.help("add the one that is meant"));
        Reported
    }

    /// Reports that `value` needs one of some keys, none of which is written.
    fn report_needed(
        &self,
        diagnostics: &mut Diagnostics,
        value: Value<'_>,
        one_of: &[&'static str],
        missing: Option<&Missing>,
    ) {
        if let Some(missing) = missing {
            let message = format!("{} {}", value.shown(), missing.predicate);
            diagnostics
                .push(Diagnostic::new(missing.code, value.node.span, message).help(missing.help));
        } else {
            for key in one_of {
                self.report_missing(diagnostics, self.key(key));
            }
        }
    }

    /// Reports those of `keys` that are written, since none of `one_of` is.
    fn refuse_stray(
        &mut self,
        diagnostics: &mut Diagnostics,
        keys: &[&'static str],
        one_of: &[&str],
    ) {
        for key in keys {
            if let Some(entry) = self.entry(key) {
                self.refused.push(key);
                let others = choice(one_of.iter().copied());
                let message = format!("`{key}` can only be used with {others}");
                bad_value(diagnostics, entry.key.span, message, "leave it out");
            }
        }
    }

    /// Reports that a key is missing from the object, at its first line.
    fn report_missing(&self, diagnostics: &mut Diagnostics, key: &Key) {
        let message = format!("`{}` is missing", key.name);
        let help = format!("add `{}: …`, {}", key.name, key.description);
        let place = self.value.first_line();
        diagnostics.push(Diagnostic::new(Code::MissingKey, place, message).help(help));
    }
}

/// What is known of the keys that the format does not have.
#[derive(Default)]
struct Unknown {
    is_any: bool,
    /// Keys that they are misspellings of. One mistake is one error: these are not missing too.
    meant: Vec<&'static str>,
}

/// Gives the key that was meant, if that can be told.
fn report_unknown(
    diagnostics: &mut Diagnostics,
    entry: &Entry,
    object: &'static Object,
) -> Option<&'static str> {
    let name = &entry.key.value;
    let place = object.place_of(name);
    let meant = closest(name, object.names()).filter(|_| place.is_none());
    let help = match (place, meant) {
        (Some(place), _) => place.to_owned(),
        (None, Some(meant)) => format!("did you mean `{meant}`?"),
        (None, None) => format!("the keys here are {}", words(object.names())),
    };
    let message = format!("unknown key `{}`", shortened(name));
    diagnostics.push(Diagnostic::new(Code::UnknownKey, entry.key.span, message).help(help));
    meant
}
