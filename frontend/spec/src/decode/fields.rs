//! Reads a mapping with keys of the format, and compares it with the table of keys and rules.

use source::{Code, Diagnostic, Diagnostics, Reported, closest};

use crate::decode::phrase::{join_with_and, join_with_or, shorten};
use crate::decode::scalar::report_bad_value;
use crate::decode::value::{Value, read_mapping};
use crate::keys::{Key, Missing, Object, Presence, Rule};
use crate::yaml::tree::Entry;

/// A mapping whose keys were compared with the table.
pub(crate) struct Fields<'a> {
    value: Value<'a>,
    entries: &'a [Entry],
    object: &'static Object,
    /// Keys that break a rule and were reported; the decoder does not see them.
    refused: Vec<&'static str>,
    /// The one key that is written of those in a [`Rule::OneOf`].
    choice: Result<&'static str, Reported>,
}

/// Reads a mapping as an object of the format. Keys that are unknown, planned or missing are reported,
/// and so are keys that break a rule.
pub(crate) fn read_fields<'a>(
    diagnostics: &mut Diagnostics,
    value: Value<'a>,
    object: &'static Object,
) -> Result<Fields<'a>, Reported> {
    let mut fields = Fields {
        value,
        entries: read_mapping(diagnostics, value)?,
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
    /// The value of a key, if the key is written and was not reported.
    ///
    /// # Panics
    ///
    /// If the table has no such key in this version.
    pub(crate) fn get(&self, name: &str) -> Option<Value<'a>> {
        self.key(name);
        self.entry(name).map(Value::of)
    }

    /// The value of a required key. If it is missing, that was reported.
    ///
    /// # Panics
    ///
    /// If the key is not required by the table.
    pub(crate) fn required(&self, name: &str) -> Result<Value<'a>, Reported> {
        let is_required = self.key(name).presence == Presence::Required;
        assert!(is_required, "`{name}` is a required key of the table");
        self.get(name).ok_or(Reported)
    }

    /// Reads the value of an optional key. `None` if it is not written, or if it was reported and is left
    /// out.
    pub(crate) fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(Value<'a>) -> Result<T, Reported>,
    ) -> Option<T> {
        self.get(name).and_then(|value| read(value).ok())
    }

    /// The one key that is written of those in the object's [`Rule::OneOf`], and its value. If none or
    /// several are written, that was reported.
    ///
    /// # Panics
    ///
    /// If the table has no such rule.
    pub(crate) fn choice(&self) -> Result<(&'static str, Value<'a>), Reported> {
        let has_choice = |rule: &Rule| matches!(rule, Rule::OneOf(_));
        assert!(
            self.object.rules.iter().any(has_choice),
            "the table has a rule for this choice"
        );
        let name = self.choice?;
        Ok((name, self.get(name).ok_or(Reported)?))
    }

    /// The words that the table allows for a key.
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

    /// Reports keys that this version of the format does not have.
    fn check_keys(&mut self, diagnostics: &mut Diagnostics) -> Unknown {
        let is_text = diagnostics.iter().any(|found| {
            let [place, whole] = [found.primary, self.value.node.span];
            found.code == Code::Yaml
                && place.source == whole.source
                && whole.start <= place.start
                && place.end <= whole.end
        });
        let mut unknown = Unknown {
            is_text,
            ..Unknown::default()
        };
        for entry in self.entries {
            let Some(key) = self.object.key(&entry.key.value) else {
                unknown.is_any = true;
                unknown.is_text |= entry.key.value.contains(char::is_whitespace);
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
        if unknown.is_text {
            return;
        }
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
                    self.choice = match self.find_exactly_one(diagnostics, names) {
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
                        let found = self.find_exactly_one(diagnostics, one_of);
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

    /// The one of these keys that is written, if any. If several are written, that is reported.
    fn find_exactly_one(
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
        let names = join_with_or(names.iter().copied());
        let message = format!("{} must have one of the keys {names}", self.value.label);
        let place = self.value.first_line();
        let diagnostic = Diagnostic::new(Code::MissingKey, place, message);
        diagnostics.push(diagnostic.help("add the one that is meant"));
        Reported
    }

    /// Reports that `value` needs one of some keys, and that none of them is written.
    fn report_needed(
        &self,
        diagnostics: &mut Diagnostics,
        value: Value<'_>,
        one_of: &[&'static str],
        missing: Option<&Missing>,
    ) {
        if let Some(missing) = missing {
            let message = format!("{} {}", value.show(), missing.predicate);
            diagnostics
                .push(Diagnostic::new(missing.code, value.node.span, message).help(missing.help));
        } else {
            for key in one_of {
                self.report_missing(diagnostics, self.key(key));
            }
        }
    }

    /// Reports those of `keys` that are written, because none of `one_of` is.
    fn refuse_stray(
        &mut self,
        diagnostics: &mut Diagnostics,
        keys: &[&'static str],
        one_of: &[&str],
    ) {
        for key in keys {
            if let Some(entry) = self.entry(key) {
                self.refused.push(key);
                let others = join_with_or(one_of.iter().copied());
                let message = format!("`{key}` can only be used with {others}");
                report_bad_value(diagnostics, entry.key.span, message, "leave it out");
            }
        }
    }

    /// Reports a missing key at the first line of the object.
    fn report_missing(&self, diagnostics: &mut Diagnostics, key: &Key) {
        let message = format!("`{}` is missing", key.name);
        let help = format!("add `{}: …`, {}", key.name, key.description);
        let place = self.value.first_line();
        diagnostics.push(Diagnostic::new(Code::MissingKey, place, message).help(help));
    }
}

/// What is known about keys that the format does not have.
#[derive(Default)]
struct Unknown {
    is_any: bool,
    /// Whether one of them is text that YAML takes for a key, so that it is unclear what the mapping should be.
    is_text: bool,
    /// The keys that were probably meant. They are not reported as missing, since one mistake is one error.
    meant: Vec<&'static str>,
}

/// Reports an unknown key, and returns the key that was probably meant.
fn report_unknown(
    diagnostics: &mut Diagnostics,
    entry: &Entry,
    object: &'static Object,
) -> Option<&'static str> {
    let name = &entry.key.value;
    let place = object.right_place(name);
    let meant = closest(name, object.names()).filter(|_| place.is_none());
    let help = match (place, meant) {
        (Some(place), _) => place.to_owned(),
        (None, Some(meant)) => format!("did you mean `{meant}`?"),
        (None, None) if name.contains(char::is_whitespace) => format!(
            "in YAML, a `:` before a blank makes text a key: put quotes around the whole text, or write it as a \
             block after `|`; the keys here are {}",
            join_with_and(object.names())
        ),
        (None, None) => format!("the keys here are {}", join_with_and(object.names())),
    };
    let message = format!("unknown key `{}`", shorten(name));
    diagnostics.push(Diagnostic::new(Code::UnknownKey, entry.key.span, message).help(help));
    meant
}
