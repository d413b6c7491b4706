//! A build that failed, on its way into the error of `Return`.
//!
//! An error without a source location is shown with the `# syntax=` line by docker/dockerfile
//! (frontend/dockerfile/builder/build.go), so whoever makes a failure should attach a snippet.

use buildkit_proto::google::{protobuf::Any, rpc};
use serde_json::json;

use crate::{Error, SourceSnippet};

/// The code `Unknown`, the only one that BuildKit does not put before the text
/// (util/grpcerrors/grpcerrors.go).
pub(crate) const UNKNOWN: i32 = 2;
/// The code that goes with an unknown subrequest (frontend/dockerui/requests.go).
const UNIMPLEMENTED: i32 = 12;
const SUBREQUEST_TYPE: &str = "github.com/moby/buildkit/errdefs.Subrequest+json";

/// Why there is no result.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The text for the user.
    pub message: String,
    /// The gRPC code; 2 unless the engine gave another. 0 would be no error and is sent as 2.
    pub code: i32,
    /// The places in the user's text, the most important first.
    pub snippets: Vec<SourceSnippet>,
    /// The details of a failed call, forwarded after the snippets, unchanged.
    pub details: Vec<Any>,
    /// The subrequest that is not known here; its presence makes the code 12.
    pub subrequest: Option<String>,
}

impl Failure {
    /// A failure with a text only. Never fails.
    pub fn new(message: impl Into<String>) -> Failure {
        Failure {
            message: message.into(),
            code: UNKNOWN,
            snippets: Vec::new(),
            details: Vec::new(),
            subrequest: None,
        }
    }

    /// The answer to a subrequest that is not known here. buildx recognizes it and tries another
    /// way.
    pub fn unsupported_subrequest(id: &str) -> Failure {
        Failure {
            code: UNIMPLEMENTED,
            subrequest: Some(id.to_owned()),
            ..Failure::new(format!("unsupported request {id}"))
        }
    }

    /// The failure with one more place in the user's text.
    #[must_use]
    pub fn with_snippet(mut self, snippet: SourceSnippet) -> Failure {
        self.snippets.push(snippet);
        self
    }

    /// The failure as it goes over the wire. Never fails.
    pub fn to_status(&self) -> rpc::Status {
        let mut details = Vec::new();
        if let Some(id) = &self.subrequest {
            let value = json!({ "name": id }).to_string().into_bytes();
            details.push(Any {
                type_url: SUBREQUEST_TYPE.to_owned(),
                value,
            });
        }
        details.extend(self.snippets.iter().map(SourceSnippet::to_any));
        details.extend(self.details.iter().cloned());
        let code = match (&self.subrequest, self.code) {
            (Some(_), _) => UNIMPLEMENTED,
            // BuildKit takes a status with code 0 for success and then misses the result.
            (None, 0) => UNKNOWN,
            (None, code) => code,
        };
        rpc::Status {
            code,
            message: self.message.clone(),
            details,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let message = error.to_string();
        match error {
            Error::Refused { details, code, .. } => Failure {
                code,
                details,
                ..Failure::new(message)
            },
            _ => Failure::new(message),
        }
    }
}
