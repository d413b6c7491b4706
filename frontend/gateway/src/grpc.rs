//! The gateway of a real engine.
//!
//! The client is cloned for each call, so calls run in parallel over one connection. Only `Ping`
//! has a timeout, as in frontend/gateway/grpcclient/client.go, because every other call may wait
//! for a build.

mod images;

use std::{collections::BTreeMap, os::fd::OwnedFd, time::Duration};

use buildkit_proto::{
    moby::buildkit::v1::frontend::{
        CacheOptionsEntry, FileRange, InputsRequest, PingRequest, ReadFileRequest, ReturnRequest,
        SolveRequest, SolveResponse, StatFileRequest, WarnRequest,
        llb_bridge_client::LlbBridgeClient, result,
    },
    pb,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{OnceCell, watch},
};
use tonic::transport::Channel;

use crate::{
    CacheImport, Engine, Error, Evaluation, Failure, Gateway, ImageRequest, Reference,
    ResolvedImage, SourceSnippet, Warning,
    grpc::images::{resolve_by_config, resolve_by_source},
    message_limit::{MESSAGE_LIMIT_BYTES, check_size},
    transport,
};

/// Long enough for a busy machine, and short enough that users do not think the build hangs.
const PING_TIMEOUT: Duration = Duration::from_secs(5);

/// The connection to the engine that started this process.
#[derive(Debug)]
pub struct Grpc {
    client: LlbBridgeClient<Channel>,
    closed: watch::Receiver<bool>,
    engine: OnceCell<Engine>,
}

impl Grpc {
    /// Connects over standard input and output. Nothing else may use them from then on.
    ///
    /// Fails with [`Error::NotPipe`] when the process was started by hand. Must be called within a
    /// tokio runtime with IO enabled.
    pub async fn connect_stdio() -> Result<Grpc, Error> {
        Grpc::connect(transport::standard_pipes()?).await
    }

    /// Connects over a pair of pipes. Fails with [`Error::NotPipe`] if they are not pipes.
    pub async fn connect_pipes(read: OwnedFd, write: OwnedFd) -> Result<Grpc, Error> {
        Grpc::connect(transport::pipes(read, write)?).await
    }

    /// Connects over any stream.
    pub async fn connect<IO>(io: IO) -> Result<Grpc, Error>
    where
        IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (channel, closed) = transport::connect(io).await?;
        let client = LlbBridgeClient::new(channel).max_decoding_message_size(MESSAGE_LIMIT_BYTES);
        Ok(Grpc {
            client,
            closed,
            engine: OnceCell::new(),
        })
    }

    /// Completes this long after the engine has closed the connection.
    pub(crate) async fn closed_for(&self, time: Duration) {
        // An error means that the connection was dropped, so it is closed as well.
        let _ = self.closed.clone().wait_for(|closed| *closed).await;
        tokio::time::sleep(time).await;
    }

    /// Sends the end of the build. A result that is too large is replaced by an error, so that the
    /// engine gets an answer in any case.
    pub(crate) async fn send_return(&self, request: ReturnRequest) -> Result<(), Error> {
        let request = match check_size("Return", &request) {
            Ok(()) => request,
            Err(error) => ReturnRequest {
                result: None,
                error: Some(Failure::from(error).to_status()),
            },
        };
        let answer = self.client.clone().r#return(request).await;
        answer
            .map(|_| ())
            .map_err(|status| Error::from_status("Return", &status))
    }

    async fn engine(&self) -> Result<&Engine, Error> {
        self.engine.get_or_try_init(|| self.first_ping()).await
    }

    async fn first_ping(&self) -> Result<Engine, Error> {
        let mut client = self.client.clone();
        match tokio::time::timeout(PING_TIMEOUT, client.ping(PingRequest {})).await {
            Ok(Ok(pong)) => Ok(Engine::from(pong.into_inner())),
            Ok(Err(status)) => Err(Error::from_status("Ping", &status)),
            Err(_) => Err(Error::Gone {
                call: "Ping",
                message: format!("no answer within {} seconds", PING_TIMEOUT.as_secs()),
            }),
        }
    }

    async fn read(
        &self,
        from: &Reference,
        path: &str,
        range: Option<FileRange>,
    ) -> Result<Option<Vec<u8>>, Error> {
        if from.is_scratch() {
            return Ok(None);
        }
        let request = ReadFileRequest {
            r#ref: from.id().to_owned(),
            file_path: path.to_owned(),
            range,
            mount_index: 0,
        };
        let answer = self.client.clone().read_file(request).await;
        let answer = answer
            .map(|answer| answer.into_inner().data)
            .map_err(|status| Error::from_status("ReadFile", &status));
        self.find(answer, from).await
    }

    /// Turns the engine's "not found" into `None`, but only if the reference itself can be read: a
    /// step that is evaluated for this call may fail with the same words.
    async fn find(
        &self,
        answer: Result<Vec<u8>, Error>,
        from: &Reference,
    ) -> Result<Option<Vec<u8>>, Error> {
        let error = match answer {
            Ok(found) => return Ok(Some(found)),
            Err(error) if error.says_not_found() => error,
            Err(error) => return Err(error),
        };
        let request = StatFileRequest {
            r#ref: from.id().to_owned(),
            path: ".".to_owned(),
            mount_index: 0,
        };
        match self.client.clone().stat_file(request).await {
            Ok(_) => Ok(None),
            Err(_) => Err(error),
        }
    }
}

impl Gateway for Grpc {
    async fn ping(&self) -> Result<Engine, Error> {
        self.engine().await.cloned()
    }

    async fn resolve_image(&self, request: ImageRequest) -> Result<ResolvedImage, Error> {
        if self
            .engine()
            .await?
            .has_frontend_capability("source.metaresolver")
        {
            resolve_by_source(self.client.clone(), request).await
        } else {
            resolve_by_config(self.client.clone(), request).await
        }
    }

    async fn solve(
        &self,
        definition: pb::Definition,
        cache_imports: &[CacheImport],
        evaluation: Evaluation,
    ) -> Result<Reference, Error> {
        let cache_imports = cache_imports.iter().map(|import| CacheOptionsEntry {
            r#type: import.kind.clone(),
            attrs: import.attributes.clone().into_iter().collect(),
        });
        let request = SolveRequest {
            definition: Some(definition),
            // Without these two, the answer uses deprecated fields.
            allow_result_return: true,
            allow_result_array_ref: true,
            cache_imports: cache_imports.collect(),
            evaluate: evaluation == Evaluation::Now,
            ..Default::default()
        };
        check_size("Solve", &request)?;
        let answer = self.client.clone().solve(request).await;
        let answer = answer.map_err(|status| Error::from_status("Solve", &status))?;
        single_reference(answer.into_inner())
    }

    async fn read_file(&self, from: &Reference, path: &str) -> Result<Option<Vec<u8>>, Error> {
        self.read(from, path, None).await
    }

    async fn read_start(
        &self,
        from: &Reference,
        path: &str,
        length_bytes: u32,
    ) -> Result<Option<Vec<u8>>, Error> {
        let range = FileRange {
            offset: 0,
            length: length_bytes.into(),
        };
        self.read(from, path, Some(range)).await
    }

    async fn inputs(&self) -> Result<BTreeMap<String, pb::Definition>, Error> {
        if !self
            .engine()
            .await?
            .has_frontend_capability("frontend.inputs")
        {
            return Ok(BTreeMap::new());
        }
        let answer = self.client.clone().inputs(InputsRequest {}).await;
        let answer = answer.map_err(|status| Error::from_status("Inputs", &status))?;
        Ok(answer.into_inner().definitions.into_iter().collect())
    }

    async fn warn(&self, warning: Warning) -> Result<(), Error> {
        if !self
            .engine()
            .await?
            .has_frontend_capability("gateway.warnings")
        {
            return Ok(());
        }
        let request = WarnRequest {
            digest: warning.digest,
            // docker/dockerfile gives this level to all its warnings
            // (frontend/dockerfile/builder/build.go).
            level: 1,
            short: warning.short.into_bytes(),
            detail: warning.detail.into_iter().map(String::into_bytes).collect(),
            url: warning.url,
            info: warning.snippet.as_ref().map(SourceSnippet::info),
            ranges: warning
                .snippet
                .map(|snippet| snippet.pb_ranges())
                .unwrap_or_default(),
        };
        check_size("Warn", &request)?;
        let answer = self.client.clone().warn(request).await;
        answer
            .map(|_| ())
            .map_err(|status| Error::from_status("Warn", &status))
    }
}

/// The one reference in an answer, whichever of the old and new forms it has
/// (frontend/gateway/gateway.go, `Solve`). Fails if there are several; a definition has only one
/// result.
fn single_reference(answer: SolveResponse) -> Result<Reference, Error> {
    let Some(result) = answer.result.and_then(|result| result.result) else {
        return Ok(Reference::new(answer.r#ref));
    };
    let ids: Vec<String> = match result {
        result::Result::Ref(reference) => vec![reference.id],
        result::Result::RefDeprecated(id) => vec![id],
        result::Result::Refs(map) => map
            .refs
            .into_values()
            .map(|reference| reference.id)
            .collect(),
        result::Result::RefsDeprecated(map) => map.refs.into_values().collect(),
    };
    match <[String; 1]>::try_from(ids) {
        Ok([id]) => Ok(Reference::new(id)),
        Err(ids) => Err(Error::unexpected(
            "Solve",
            format!("expected one reference, got {}", ids.len()),
        )),
    }
}
