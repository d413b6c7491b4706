//! What can go wrong between the frontend and BuildKit, and in which call it did.
//!
//! A refusal keeps the details of the failed call. BuildKit's client prints source lines and stack
//! traces from them, so they are forwarded unchanged in the error of our `Return`.

use std::error::Error as _;

use buildkit_proto::google::{protobuf::Any, rpc};
use prost::Message;

/// A failure in the conversation with BuildKit.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The engine answered a call with an error. The text is the engine's.
    #[error("{message}")]
    Refused {
        /// The name of the remote procedure.
        call: &'static str,
        /// The engine's text, unchanged.
        message: String,
        /// The details of the failed call, to be forwarded unchanged.
        details: Vec<Any>,
        /// The gRPC code of the failed call, never 0.
        code: i32,
    },
    /// The engine closed the connection or does not answer.
    #[error("lost the connection to BuildKit in `{call}`: {message}")]
    Gone {
        /// The name of the remote procedure, or `connect`.
        call: &'static str,
        /// What the transport reported.
        message: String,
    },
    /// A request or an answer is too large for one message.
    #[error("`{call}` exceeds the 16 MiB that BuildKit allows for one message: {message}")]
    TooLarge {
        /// The name of the remote procedure.
        call: &'static str,
        /// Which message it is, and its size if known.
        message: String,
    },
    /// The engine lacks a capability that the build needs.
    #[error("{message}")]
    Unsupported {
        /// The identifier of the capability, such as `mergeop`.
        capability: String,
        /// The sentence that BuildKit's own frontends print.
        message: String,
    },
    /// Standard input and output are not pipes, because somebody started the program by hand.
    #[error(
        "standard input and output are not pipes: BuildKit runs this program; to use it by hand, see `inlay --help`"
    )]
    NotPipe,
    /// A variable of the environment or an option from BuildKit cannot be understood.
    #[error("cannot read `{name}`: {message}")]
    Malformed {
        /// The variable or option.
        name: String,
        /// What is wrong with it.
        message: String,
    },
}

impl Error {
    /// The error for a failed call, by the status that tonic reports. Never fails.
    pub(crate) fn from_status(call: &'static str, status: &tonic::Status) -> Error {
        if is_too_large(status) {
            return Error::TooLarge {
                call,
                message: status.message().to_owned(),
            };
        }
        if let Some(message) = transport_failure(status) {
            return Error::Gone { call, message };
        }
        let details = rpc::Status::decode(status.details()).map(|decoded| decoded.details);
        Error::Refused {
            call,
            message: status.message().to_owned(),
            details: details.unwrap_or_default(),
            code: status.code().into(),
        }
    }

    /// The error for an answer that the engine never gives to a request like ours. Never fails.
    pub(crate) fn unexpected(call: &'static str, message: String) -> Error {
        Error::Refused {
            call,
            message,
            details: Vec::new(),
            code: tonic::Code::Unknown.into(),
        }
    }

    /// Whether the engine said that a file does not exist.
    ///
    /// Old engines have no code for it. They send `Unknown` with the text of the Go error,
    /// `open nope: no such file or directory` (`ReadFile` in frontend/gateway/gateway.go).
    pub(crate) fn says_not_found(&self) -> bool {
        matches!(self, Error::Refused { message, .. }
            if message.trim_end().ends_with("no such file or directory"))
    }
}

fn is_too_large(status: &tonic::Status) -> bool {
    // tonic says the first when it decodes an answer; grpc-go says the second on the server's side.
    match status.code() {
        tonic::Code::OutOfRange => status.message().contains("message length too large"),
        tonic::Code::ResourceExhausted => status.message().contains("message larger than max"),
        _ => false,
    }
}

/// What broke the transport, if that is why the call failed.
///
/// A status that the engine sent has no source. One that tonic made from a broken transport has
/// one, unless the channel was closed before the call.
fn transport_failure(status: &tonic::Status) -> Option<String> {
    if status.source().is_none() && !status.message().starts_with("Service was not ready") {
        return None;
    }
    let mut message = status.message().to_owned();
    let mut source = status.source();
    while let Some(error) = source {
        let text = error.to_string();
        if !message.contains(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        source = error.source();
    }
    Some(message)
}
