//! The sessions that serve the client's folders.

use std::collections::BTreeMap;

use gateway::Options;

/// Which session serves which folder of the client.
#[derive(Debug)]
pub(crate) struct Sessions {
    /// The session of the client that asked for the build.
    pub(crate) own: String,
    by_local: BTreeMap<String, String>,
}

impl Sessions {
    pub(crate) fn read(options: &Options) -> Self {
        Self {
            own: options.session_id.clone(),
            by_local: options
                .with_prefix("local-sessionid:")
                .map(|(local, session)| (local.to_owned(), session.to_owned()))
                .collect(),
        }
    }

    /// The session that serves this local source: its own if the client shares one between builds,
    /// otherwise that of the build (`local-sessionid:` in frontend/dockerui/config.go).
    pub(crate) fn serving(&self, local: &str) -> &str {
        self.by_local.get(local).unwrap_or(&self.own)
    }
}
