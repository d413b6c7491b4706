//! Tests through the public interface: what is sent over the wire, and what must not depend on how a graph was built.
//! They read protobuf with a reader of their own, in order to see the order of fields rather than trust it.

mod capabilities;
mod dump;
mod exec;
mod file;
mod go;
mod import;
mod metadata;
mod order;
mod sources;
mod wire;

use prost::Message as _;

use crate::{About, Capabilities, Exec, Graph, Image, Output, Platform, pb};

fn linux() -> Platform {
    "linux/amd64".parse().unwrap()
}

fn alpine(graph: &mut Graph) -> Output {
    let reference = "docker.io/library/alpine:latest";
    graph.image(Image::new(reference, linux()), About::named("alpine"))
}

/// A command on alpine, which a test may change.
fn command(graph: &mut Graph) -> Exec {
    Exec::new(alpine(graph), linux(), ["/bin/true"])
}

/// The bytes of the operation that makes an output.
fn bytes(graph: &Graph, of: Output) -> Vec<u8> {
    let definition = graph.definition(of, &Capabilities::all());
    definition.def[definition.def.len() - 2].clone()
}

fn op(graph: &Graph, of: Output) -> pb::Op {
    pb::Op::decode(bytes(graph, of).as_slice()).unwrap()
}

fn exec_of(graph: &Graph, of: Output) -> pb::ExecOp {
    match op(graph, of).op {
        Some(pb::op::Op::Exec(exec)) => exec,
        other => panic!("not an exec: {other:?}"),
    }
}

/// The numbers of the fields of a message in the order of the bytes, and the content of those that have a length.
fn fields(mut bytes: &[u8]) -> Vec<(u64, &[u8])> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let content = match tag & 7 {
            0 => {
                varint(&mut bytes);
                &[]
            }
            2 => {
                let length = usize::try_from(varint(&mut bytes)).unwrap();
                let (content, rest) = bytes.split_at(length);
                bytes = rest;
                content
            }
            kind => panic!("an op has no fields of wire type {kind}"),
        };
        fields.push((tag >> 3, content));
    }
    fields
}

fn numbers(bytes: &[u8]) -> Vec<u64> {
    fields(bytes)
        .into_iter()
        .map(|(number, _)| number)
        .collect()
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let (first, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            break;
        }
    }
    value
}
