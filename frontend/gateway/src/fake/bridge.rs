//! The remote procedures of the fake engine. Each one records the call, is interrupted if the
//! script says so, and otherwise answers from the script.
//!
//! Refusals have the texts of frontend/gateway/gateway.go. Procedures that the frontend never calls
//! are unimplemented.

use std::{collections::HashMap, future::pending};

use buildkit_proto::{
    fsutil::types::Stat,
    moby::buildkit::v1::{
        apicaps::ApiCap,
        frontend::{
            EvaluateRequest, EvaluateResponse, ExecMessage, InputsRequest, InputsResponse,
            NewContainerRequest, NewContainerResponse, PingRequest, PongResponse, ReadDirRequest,
            ReadDirResponse, ReadFileRequest, ReadFileResponse, ReleaseContainerRequest,
            ReleaseContainerResponse, ResolveImageConfigRequest, ResolveImageConfigResponse,
            ResolveSourceImageResponse, ResolveSourceMetaRequest, ResolveSourceMetaResponse,
            ReturnRequest, ReturnResponse, SolveRequest, SolveResponse, StatFileRequest,
            StatFileResponse, WarnRequest, WarnResponse, llb_bridge_server::LlbBridge,
        },
        types::WorkerRecord,
    },
    pb,
};
use prost::Message;
use tonic::{Code, Request, Response, Status, codegen::tokio_stream};

use crate::{
    fake::{Fake, FakeImage, Interruption},
    image::DOCKER_IMAGE,
};

type Answer<T> = Result<Response<T>, Status>;

impl Fake {
    /// Records the call, and interrupts it if the script says so.
    async fn enter(&self, call: &'static str) -> Result<(), Status> {
        self.lock().calls.push(call);
        match self.script.interruptions.get(call) {
            None => Ok(()),
            Some(Interruption::Refuse(status)) => Err(Status::with_details(
                Code::from(status.code),
                status.message.clone(),
                status.encode_to_vec().into(),
            )),
            Some(Interruption::Delay(time)) => {
                tokio::time::sleep(*time).await;
                Ok(())
            }
            Some(Interruption::Hang) => pending().await,
            Some(Interruption::Vanish) => {
                self.vanish();
                pending().await
            }
        }
    }

    fn image(&self, reference: &str) -> Result<&FakeImage, Status> {
        let (name, digest) = reference.split_once('@').unwrap_or((reference, ""));
        let by_name = self.script.images.get(name);
        let by_name = by_name.filter(|image| digest == image.digest);
        let image = self.script.images.get(reference).or(by_name);
        image.ok_or_else(|| Status::not_found(format!("{reference}: not found")))
    }

    /// What the files of the definition behind a reference come from.
    fn origins_of(&self, reference: &str) -> Result<Vec<String>, Status> {
        let record = self.lock();
        let index = reference
            .strip_prefix("solve-")
            .and_then(|index| index.parse::<usize>().ok());
        let solve = index.and_then(|index| record.solves.get(index));
        let solve = solve.ok_or_else(|| Status::unknown(format!("no such ref: {reference}")))?;
        Ok(solve
            .definition
            .as_ref()
            .map(Fake::origins)
            .unwrap_or_default())
    }
}

#[tonic::async_trait]
impl LlbBridge for Fake {
    type ExecProcessStream = tokio_stream::Empty<Result<ExecMessage, Status>>;

    async fn ping(&self, _: Request<PingRequest>) -> Answer<PongResponse> {
        self.enter("Ping").await?;
        let enabled = |id: &String| ApiCap {
            id: id.clone(),
            enabled: true,
            ..Default::default()
        };
        let disabled = self.script.disabled.iter().map(|(id, reason)| ApiCap {
            id: id.clone(),
            disabled_reason_msg: reason.clone(),
            ..Default::default()
        });
        Ok(Response::new(PongResponse {
            frontend_api_caps: self
                .script
                .frontend_capabilities
                .iter()
                .map(enabled)
                .collect(),
            llb_caps: self
                .script
                .capabilities
                .iter()
                .map(enabled)
                .chain(disabled)
                .collect(),
            workers: self
                .script
                .workers
                .iter()
                .map(|worker| WorkerRecord {
                    id: worker.id.clone(),
                    labels: worker.labels.clone().into_iter().collect(),
                    platforms: worker.platforms.clone(),
                    ..Default::default()
                })
                .collect(),
        }))
    }

    async fn resolve_source_meta(
        &self,
        request: Request<ResolveSourceMetaRequest>,
    ) -> Answer<ResolveSourceMetaResponse> {
        self.enter("ResolveSourceMeta").await?;
        let request = request.into_inner();
        self.lock().images.push(request.clone());
        let mut source = request.source.unwrap_or_default();
        let reference = source
            .identifier
            .strip_prefix(DOCKER_IMAGE)
            .unwrap_or(&source.identifier);
        let image = self.image(reference)?;
        if let Some(replacement) = &image.replaced_by {
            source.identifier = format!("{DOCKER_IMAGE}{replacement}");
        }
        Ok(Response::new(ResolveSourceMetaResponse {
            source: Some(source),
            image: Some(ResolveSourceImageResponse {
                digest: image.digest.clone(),
                config: image.config.clone(),
                ..Default::default()
            }),
            ..Default::default()
        }))
    }

    async fn resolve_image_config(
        &self,
        request: Request<ResolveImageConfigRequest>,
    ) -> Answer<ResolveImageConfigResponse> {
        self.enter("ResolveImageConfig").await?;
        let image = self.image(&request.into_inner().r#ref)?;
        Ok(Response::new(ResolveImageConfigResponse {
            digest: image.digest.clone(),
            config: image.config.clone(),
            r#ref: image.replaced_by.clone().unwrap_or_default(),
        }))
    }

    async fn solve(&self, request: Request<SolveRequest>) -> Answer<SolveResponse> {
        self.enter("Solve").await?;
        let id = {
            let mut record = self.lock();
            record.solves.push(request.into_inner());
            format!("solve-{}", record.solves.len() - 1)
        };
        Ok(Response::new(self.script.solve_form.response(id)))
    }

    async fn read_file(&self, request: Request<ReadFileRequest>) -> Answer<ReadFileResponse> {
        self.enter("ReadFile").await?;
        let ReadFileRequest {
            r#ref,
            file_path,
            range,
            ..
        } = request.into_inner();
        let path = file_path.trim_start_matches('/');
        let content = self
            .origins_of(&r#ref)?
            .into_iter()
            .find_map(|source| self.script.files.get(&(source, path.to_owned())).cloned());
        match content {
            Some(mut data) => {
                if let Some(range) = range {
                    data.truncate(usize::try_from(range.length).unwrap_or(0));
                }
                Ok(Response::new(ReadFileResponse { data }))
            }
            None => Err(not_found("open", path)),
        }
    }

    async fn stat_file(&self, request: Request<StatFileRequest>) -> Answer<StatFileResponse> {
        self.enter("StatFile").await?;
        let StatFileRequest { r#ref, path, .. } = request.into_inner();
        self.origins_of(&r#ref)?;
        let stat = Stat {
            path,
            mode: 1 << 31 | 0o755,
            ..Default::default()
        };
        Ok(Response::new(StatFileResponse { stat: Some(stat) }))
    }

    async fn evaluate(&self, _: Request<EvaluateRequest>) -> Answer<EvaluateResponse> {
        self.enter("Evaluate").await?;
        Ok(Response::new(EvaluateResponse {}))
    }

    async fn r#return(&self, request: Request<ReturnRequest>) -> Answer<ReturnResponse> {
        self.enter("Return").await?;
        let mut record = self.lock();
        if !record.returns.is_empty() {
            return Err(Status::unknown("result already set"));
        }
        record.returns.push(request.into_inner());
        Ok(Response::new(ReturnResponse {}))
    }

    async fn inputs(&self, _: Request<InputsRequest>) -> Answer<InputsResponse> {
        self.enter("Inputs").await?;
        let definitions: HashMap<String, pb::Definition> =
            self.script.inputs.clone().into_iter().collect();
        Ok(Response::new(InputsResponse { definitions }))
    }

    async fn warn(&self, request: Request<WarnRequest>) -> Answer<WarnResponse> {
        self.enter("Warn").await?;
        self.lock().warnings.push(request.into_inner());
        Ok(Response::new(WarnResponse {}))
    }

    async fn read_dir(&self, _: Request<ReadDirRequest>) -> Answer<ReadDirResponse> {
        Err(Status::unimplemented("ReadDir"))
    }

    async fn new_container(&self, _: Request<NewContainerRequest>) -> Answer<NewContainerResponse> {
        Err(Status::unimplemented("NewContainer"))
    }

    async fn release_container(
        &self,
        _: Request<ReleaseContainerRequest>,
    ) -> Answer<ReleaseContainerResponse> {
        Err(Status::unimplemented("ReleaseContainer"))
    }

    async fn exec_process(
        &self,
        _: Request<tonic::Streaming<ExecMessage>>,
    ) -> Answer<Self::ExecProcessStream> {
        Err(Status::unimplemented("ExecProcess"))
    }

    async fn read_file_container(&self, _: Request<ReadFileRequest>) -> Answer<ReadFileResponse> {
        Err(Status::unimplemented("ReadFileContainer"))
    }

    async fn read_dir_container(&self, _: Request<ReadDirRequest>) -> Answer<ReadDirResponse> {
        Err(Status::unimplemented("ReadDirContainer"))
    }

    async fn stat_file_container(&self, _: Request<StatFileRequest>) -> Answer<StatFileResponse> {
        Err(Status::unimplemented("StatFileContainer"))
    }
}

fn not_found(operation: &str, path: &str) -> Status {
    Status::unknown(format!("{operation} {path}: no such file or directory"))
}
