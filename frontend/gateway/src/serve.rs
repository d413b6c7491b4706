//! The life of the process: one answer, one `Return`, one exit status.
//!
//! BuildKit fails a build whose frontend exits without a `Return`, returns twice, or exits with a
//! nonzero status after it returned (frontend/gateway/gateway.go). Every path therefore ends in one
//! `Return`, even after a panic, and the process fails only if that `Return` did not arrive.

use std::{future::Future, path::Path, time::Duration};

use buildkit_proto::{moby::buildkit::v1::frontend::ReturnRequest, pb};
use prost::Message;

use crate::{Error, Failure, Grpc, Reply, panic::catch_panic};

/// How long the answer may continue after the engine has closed the connection.
const GRACE: Duration = Duration::from_secs(5);
/// Where BuildKit puts the definition of the frontend's own image.
const FRONTEND_DEFINITION: &str = "/run/config/buildkit/metadata/frontend.bin";

/// Computes the answer to the build and sends it.
///
/// `Ok` means that the engine accepted the `Return`, whether that was a result or an error; the
/// process must then exit with status 0. `Err` means that it did not; print the error to standard
/// error and exit with another status. A panic becomes a failure that asks the user to report it.
/// The call ends at most 5 seconds after the engine has closed the connection; the process should
/// then exit with `std::process::exit`.
pub async fn serve<F, Fut>(grpc: &Grpc, answer: F) -> Result<(), Error>
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = Result<Reply, Failure>>,
{
    let deliver = async {
        // The closure itself may panic too.
        let answered = catch_panic(async { answer().await }).await;
        let answered = answered.unwrap_or_else(|panic| Err(report_bug(&panic)));
        grpc.send_return(request(answered)).await
    };
    tokio::select! {
        delivered = deliver => delivered,
        () = grpc.closed_for(GRACE) => Err(Error::Gone {
            call: "Return",
            message: "BuildKit closed the pipe before the answer was complete".to_owned(),
        }),
    }
}

/// The definition of the frontend's own image, from which its binaries can be mounted into steps.
///
/// `None` if the file is absent, as in tests, or cannot be decoded.
pub fn frontend_definition() -> Option<pb::Definition> {
    read_definition(Path::new(FRONTEND_DEFINITION))
}

fn read_definition(path: &Path) -> Option<pb::Definition> {
    let bytes = std::fs::read(path).ok()?;
    pb::Definition::decode(bytes.as_slice())
        .ok()
        .filter(|definition| !definition.def.is_empty())
}

fn report_bug(panic: &str) -> Failure {
    Failure::new(format!(
        "this is a bug in the frontend, please report: {panic}"
    ))
}

fn request(answered: Result<Reply, Failure>) -> ReturnRequest {
    match answered {
        Ok(reply) => ReturnRequest {
            result: Some(reply.into_result()),
            error: None,
        },
        Err(failure) => ReturnRequest {
            result: None,
            error: Some(failure.to_status()),
        },
    }
}
