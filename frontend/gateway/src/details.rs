//! The details of a failed call: what BuildKit says about an error besides its text.
//!
//! A detail is the JSON of a Go value, under the name of its type (util/grpcerrors/grpcerrors.go,
//! `withDetails`). The types and fields that are read here have the same names in every release of
//! BuildKit from 0.11 to 0.32: solver/errdefs/vertex.go, frontend/gateway/pb/exit.go.

use buildkit_proto::google::protobuf::Any;
use serde::Deserialize;
use serde_json::Value;

/// A place in the user's text: solver/errdefs/source.go.
pub(crate) const SOURCE: &str = "errdefs.Source";
/// A subrequest that the frontend does not know: solver/errdefs/subrequest.go.
pub(crate) const SUBREQUEST: &str = "errdefs.Subrequest";

const VERTEX: &str = "errdefs.Vertex";
const EXIT: &str = "gatewayapi.ExitMessage";

/// The detail of that type. Never fails.
pub(crate) fn encode(type_name: &str, value: &Value) -> Any {
    Any {
        type_url: type_url(type_name),
        value: value.to_string().into_bytes(),
    }
}

/// The digest of the vertex that failed, if one did.
pub(crate) fn vertex(details: &[Any]) -> Option<String> {
    #[derive(Deserialize)]
    struct Vertex {
        digest: String,
    }
    decode(details, VERTEX).map(|vertex: Vertex| vertex.digest)
}

/// The exit code of the process that failed, if one did.
pub(crate) fn exit_code(details: &[Any]) -> Option<u32> {
    #[derive(Deserialize)]
    struct Exit {
        // Go leaves a zero out. A process that exits with 0 fails when other codes are required.
        #[serde(default, rename = "Code")]
        code: u32,
    }
    decode(details, EXIT).map(|exit: Exit| exit.code)
}

/// The first detail of a type, which is the outermost: BuildKit lists the outer errors first.
fn decode<'a, T: Deserialize<'a>>(details: &'a [Any], type_name: &str) -> Option<T> {
    let type_url = type_url(type_name);
    details
        .iter()
        .filter(|detail| detail.type_url == type_url)
        .find_map(|detail| serde_json::from_slice(&detail.value).ok())
}

fn type_url(type_name: &str) -> String {
    format!("github.com/moby/buildkit/{type_name}+json")
}
