//! An engine for tests: the server side of the protocol, with scripted answers.
//!
//! Tests of this and other crates talk to it through the real [`Grpc`], so that they cover what is
//! sent over the wire. It builds nothing: a solve returns a reference to the definition, whose
//! files are those that the script has for the sources in the definition. Link-time optimization
//! removes it from the shipped binary.

mod bridge;
mod connection;
mod script;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use buildkit_proto::{
    moby::buildkit::v1::frontend::{
        ResolveSourceMetaRequest, ReturnRequest, SolveRequest, WarnRequest,
    },
    pb,
};
use prost::Message;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
};

pub use script::{FakeImage, Interruption, Script, SolveForm};

use crate::{Error, Grpc};

/// How many bytes the connection holds before the writer has to wait.
const CONNECTION_BYTES: usize = 64 << 10;

/// An engine that follows a [`Script`] and records what it was asked. Clones share one engine.
#[derive(Debug, Clone)]
pub struct Fake {
    script: Arc<Script>,
    record: Arc<Mutex<Record>>,
    vanished: Arc<watch::Sender<bool>>,
}

/// What a [`Fake`] was asked, in the order of arrival.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// The names of all calls.
    pub calls: Vec<&'static str>,
    /// The solves that were not interrupted. The reference to the first has the identifier
    /// `solve-0`.
    pub solves: Vec<SolveRequest>,
    /// The requests for images.
    pub images: Vec<ResolveSourceMetaRequest>,
    /// The warnings.
    pub warnings: Vec<WarnRequest>,
    /// The returns that were not interrupted.
    pub returns: Vec<ReturnRequest>,
}

impl Fake {
    /// An engine that follows the script. Never fails.
    pub fn new(script: Script) -> Fake {
        Fake {
            script: Arc::new(script),
            record: Arc::default(),
            vanished: Arc::new(watch::channel(false).0),
        }
    }

    /// Starts the engine on the current tokio runtime and connects to it.
    pub async fn connect(&self) -> Result<Grpc, Error> {
        let (ours, theirs) = tokio::io::duplex(CONNECTION_BYTES);
        tokio::spawn(self.clone().serve(ours));
        Grpc::connect(theirs).await
    }

    /// Serves one connection until the other side closes it or [`Fake::vanish`] is called.
    pub async fn serve<IO>(self, io: IO)
    where
        IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut vanished = self.vanished.subscribe();
        let vanished = async move {
            let _ = vanished.wait_for(|vanished| *vanished).await;
        };
        connection::serve(self, io, vanished).await;
    }

    /// Closes all connections, like an engine that is killed.
    pub fn vanish(&self) {
        self.vanished.send_replace(true);
    }

    /// What was asked so far.
    pub fn record(&self) -> Record {
        self.lock().clone()
    }

    /// The identifiers of the sources in a definition, such as `local://dockerfile`, but for the frontend's own image.
    pub fn sources(definition: &pb::Definition) -> Vec<String> {
        let operations = definition
            .def
            .iter()
            .filter_map(|bytes| pb::Op::decode(&bytes[..]).ok());
        operations
            .filter_map(|operation| match operation.op {
                Some(pb::op::Op::Source(source)) => Some(source.identifier),
                _ => None,
            })
            .filter(|identifier| identifier != "docker-image://inlay")
            .collect()
    }

    /// What the files of a definition come from: its commands by their arguments, the last one first, and its
    /// sources.
    fn origins(definition: &pb::Definition) -> Vec<String> {
        let operations = definition.def.iter().rev();
        let operations = operations.filter_map(|bytes| pb::Op::decode(&bytes[..]).ok());
        let commands = operations.filter_map(|operation| match operation.op? {
            pb::op::Op::Exec(exec) => Some(exec.meta?.args.join(" ")),
            _ => None,
        });
        commands.chain(Fake::sources(definition)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
