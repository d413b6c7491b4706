//! A build that failed, and the error of `Return` that says so.
//!
//! docker/dockerfile shows an error that has no source location together with the `# syntax=` line
//! (frontend/dockerfile/builder/build.go). Whoever makes a failure should therefore attach a
//! snippet.

use buildkit_proto::google::{protobuf::Any, rpc};
use serde_json::json;

use crate::{Error, SourceSnippet, details};

/// The code `Unknown`, the only one that BuildKit does not put before the text
/// (util/grpcerrors/grpcerrors.go).
const UNKNOWN: i32 = 2;
/// The code for an unknown subrequest (frontend/dockerui/requests.go).
const UNIMPLEMENTED: i32 = 12;

/// The reason why a build has no result.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The text for the user.
    pub message: String,
    /// The gRPC code; 2 unless the engine gave another. 0 would mean success and is sent as 2.
    pub code: i32,
    /// The places in the user's text, the most important first.
    pub snippets: Vec<SourceSnippet>,
    /// The details of the failed call, which are forwarded unchanged after the snippets.
    pub details: Vec<Any>,
    /// The subrequest that this frontend does not know. If there is one, the code is 12.
    pub subrequest: Option<String>,
}

impl Failure {
    /// A failure with nothing but a text. Never fails.
    pub fn new(message: impl Into<String>) -> Failure {
        Failure {
            message: message.into(),
            code: UNKNOWN,
            snippets: Vec::new(),
            details: Vec::new(),
            subrequest: None,
        }
    }

    /// The answer to a subrequest that this frontend does not know. buildx recognizes it and tries
    /// another way.
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

    /// The failure with another text in place of the engine's.
    ///
    /// The snippets and the details stay. The client prints the source lines and, if it is asked
    /// to, the stack traces that it finds in the details, and prints this text as the error: no
    /// detail repeats the text (`FromGRPC` in util/grpcerrors/grpcerrors.go).
    ///
    /// A debugger cannot open the failed step, whatever the text: the engine identifies the step's
    /// file systems by names that end with this process (`workerRefByID` in
    /// frontend/gateway/gateway.go). It can open a step that fails after `Return`.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Failure {
        self.message = message.into();
        self
    }

    /// The digest of the vertex that failed, such as `sha256:…`; `None` if no vertex did.
    ///
    /// It is the digest of the operation as the definition has it, unless a source policy replaced
    /// a source: then that source and everything that depends on it have digests which only the
    /// engine knows (`recomputeDigests` in solver/llbsolver/vertex.go). A caller that does not know
    /// the digest should leave the failure as it is.
    pub fn vertex(&self) -> Option<String> {
        details::vertex(&self.details)
    }

    /// The exit code of the process that failed; `None` if the failure is not that of a process.
    ///
    /// 255 also stands for a process that did not start or whose exit code is unknown
    /// (`UnknownExitStatus` in frontend/gateway/pb/exit.go).
    pub fn exit_code(&self) -> Option<u32> {
        details::exit_code(&self.details)
    }

    /// The failure as it is sent to the engine. Never fails.
    pub fn to_status(&self) -> rpc::Status {
        let mut details = Vec::new();
        if let Some(id) = &self.subrequest {
            let value = json!({ "name": id });
            details.push(details::encode(details::SUBREQUEST, &value));
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
