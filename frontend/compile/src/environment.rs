//! The environment variables of an image or a command, in order.

use serde_json::Value;

/// The search path if nothing sets one, the same as in docker/dockerfile.
pub const PATH_OF_NONE: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Variables in the order in which they were set. A variable that is set here has only one value, whatever the
/// configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Environment(Vec<(String, String)>);

impl Environment {
    /// The variables that an image's configuration sets; empty if there is no configuration.
    pub(crate) fn of_configuration(configuration: &Value) -> Self {
        let pairs = configuration["config"]["Env"].as_array().into_iter();
        let pairs = pairs
            .flatten()
            .filter_map(Value::as_str)
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self(pairs.collect())
    }

    /// The value of a variable; `None` = it is not set.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Sets a variable and moves it to the end.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.retain(|(other, _)| other != name);
        self.0.push((name.to_owned(), value.into()));
    }

    /// Sets a variable where it is, or at the end if it is new.
    pub(crate) fn update(&mut self, name: &str, value: &str) {
        match self.0.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.0.push((name.to_owned(), value.to_owned())),
        }
    }

    /// The search path with these folders before it, each once.
    pub(crate) fn search_path<'a>(&'a self, before: impl IntoIterator<Item = &'a str>) -> String {
        let own = self.get("PATH").unwrap_or(PATH_OF_NONE);
        let mut folders: Vec<&str> = Vec::new();
        for folder in before.into_iter().chain(own.split(':')) {
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        folders.join(":")
    }

    /// The variables as configurations contain them: `NAME=value`.
    pub(crate) fn to_lines(&self) -> Vec<String> {
        let pairs = self.0.iter();
        pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect()
    }

    /// Names and values.
    pub(crate) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }
}
