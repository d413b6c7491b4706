//! Calls that succeed, and what is sent over the wire for them.

use std::collections::BTreeMap;

use gateway::{
    CacheImport, Error, Evaluation, Gateway, ImageRequest, Reference, ResolvedImage, Warning,
    fake::{Interruption, Script, SolveForm},
};

use crate::support::{definition, engine, snippet};

const DIGEST: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";

fn ubuntu() -> Script {
    Script::default().with_image("docker.io/library/ubuntu:24.04", DIGEST, "{}")
}

fn ubuntu_request() -> ImageRequest {
    ImageRequest {
        reference: "ubuntu:24.04".to_owned(),
        ..ImageRequest::default()
    }
}

fn resolved() -> ResolvedImage {
    ResolvedImage {
        reference: format!("docker.io/library/ubuntu:24.04@{DIGEST}"),
        digest: DIGEST.to_owned(),
        config: b"{}".to_vec(),
    }
}

#[tokio::test]
async fn ping_tells_what_is_there_and_enabled() {
    let mut script = Script::default();
    script.capabilities.remove("mergeop");
    script.capabilities.remove("diffop");
    script
        .disabled
        .insert("diffop".to_owned(), "switched off by policy".to_owned());
    let (fake, grpc) = engine(script).await;
    let engine = grpc.ping().await.unwrap();
    assert_eq!(engine.llb_capability("file.base"), Ok(()));
    assert_eq!(engine.require_file_operations(), Ok(()));
    let text = |id| engine.llb_capability(id).unwrap_err().to_string();
    assert_eq!(
        text("mergeop"),
        "requested experimental feature mergeop  is not supported by build server, please update \
         buildkit"
    );
    assert_eq!(
        text("diffop"),
        "requested experimental feature diffop  has been disabled on the build server: switched \
         off by policy"
    );
    assert_eq!(engine.workers[0].platforms[0].architecture, "amd64");
    grpc.ping().await.unwrap();
    assert_eq!(fake.record().calls, ["Ping"]);
}

#[tokio::test]
async fn the_product_to_update_is_named() {
    let (_fake, grpc) = engine(Script {
        capabilities: [].into(),
        ..Script::default()
    })
    .await;
    let mut engine = grpc.ping().await.unwrap();
    "docker".clone_into(&mut engine.product);
    let text = engine.llb_capability("mergeop").unwrap_err().to_string();
    assert!(text.ends_with(", please update docker"), "{text}");
    let error = engine.require_file_operations().unwrap_err();
    assert_eq!(error.to_string(), "needs BuildKit 0.5 or later");
}

#[tokio::test]
async fn an_image_is_asked_for_with_host_name_and_mode() {
    let (fake, grpc) = engine(ubuntu()).await;
    let request = ImageRequest {
        resolve_mode: "pull".to_owned(),
        log_name: "[internal] load".to_owned(),
        ..ubuntu_request()
    };
    assert_eq!(grpc.resolve_image(request).await, Ok(resolved()));
    let asked = fake.record().images.remove(0);
    assert_eq!(
        asked.source.unwrap().identifier,
        "docker-image://docker.io/library/ubuntu:24.04"
    );
    assert_eq!(asked.resolve_mode, "pull");
    assert_eq!(asked.log_name, "[internal] load");
}

#[tokio::test]
async fn old_engines_are_asked_for_the_config() {
    let mut script = ubuntu();
    script.frontend_capabilities.remove("source.metaresolver");
    let (fake, grpc) = engine(script).await;
    assert_eq!(grpc.resolve_image(ubuntu_request()).await, Ok(resolved()));
    assert_eq!(fake.record().calls, ["Ping", "ResolveImageConfig"]);
}

#[tokio::test]
async fn a_source_policy_may_replace_the_image() {
    for capability in ["source.metaresolver", "none of this"] {
        let mut script = ubuntu();
        let image = script
            .images
            .get_mut("docker.io/library/ubuntu:24.04")
            .unwrap();
        image.replaced_by = Some(format!("mirror.io/ubuntu:24.04@{DIGEST}"));
        script.frontend_capabilities = [capability.to_owned()].into();
        let (_fake, grpc) = engine(script).await;
        let image = grpc.resolve_image(ubuntu_request()).await.unwrap();
        assert_eq!(image.reference, format!("mirror.io/ubuntu:24.04@{DIGEST}"));
    }
}

#[tokio::test]
async fn a_solve_carries_the_cache_imports() {
    let (fake, grpc) = engine(Script::default()).await;
    let import = CacheImport {
        kind: "registry".to_owned(),
        attributes: BTreeMap::from([("ref".to_owned(), "r/cache".to_owned())]),
    };
    let solved = grpc
        .solve(definition("local://context"), &[import], Evaluation::Now)
        .await;
    assert_eq!(solved, Ok(Reference::new("solve-0")));
    let request = fake.record().solves.remove(0);
    assert!(request.allow_result_return && request.allow_result_array_ref && request.evaluate);
    assert_eq!(request.cache_imports[0].r#type, "registry");
    assert_eq!(request.cache_imports[0].attrs["ref"], "r/cache");
    assert_eq!(request.definition, Some(definition("local://context")));
}

#[tokio::test]
async fn every_form_of_result_is_understood() {
    for solve_form in [
        SolveForm::Reference,
        SolveForm::References,
        SolveForm::DeprecatedReference,
        SolveForm::DeprecatedReferences,
        SolveForm::Response,
    ] {
        let (_fake, grpc) = engine(Script {
            solve_form,
            ..Script::default()
        })
        .await;
        let solved = grpc
            .solve(definition("local://context"), &[], Evaluation::Lazy)
            .await;
        assert_eq!(solved, Ok(Reference::new("solve-0")), "{solve_form:?}");
    }
    let script = Script {
        solve_form: SolveForm::TwoReferences,
        ..Script::default()
    };
    let (_fake, grpc) = engine(script).await;
    let error = grpc
        .solve(definition("local://context"), &[], Evaluation::Lazy)
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "expected one reference, got 2");
}

#[tokio::test]
async fn files_are_read() {
    let script = Script::default().with_file("local://dockerfile", "image.yml", "base: ubuntu\n");
    let (_fake, grpc) = engine(script).await;
    let reference = grpc
        .solve(definition("local://dockerfile"), &[], Evaluation::Lazy)
        .await
        .unwrap();
    let content = grpc.read_file(&reference, "image.yml").await.unwrap();
    assert_eq!(content.as_deref(), Some(&b"base: ubuntu\n"[..]));
}

#[tokio::test]
async fn what_is_missing_is_none() {
    let script = Script::default().with_file("local://dockerfile", "image.yml", "");
    let (_fake, grpc) = engine(script).await;
    let reference = grpc
        .solve(definition("local://dockerfile"), &[], Evaluation::Lazy)
        .await
        .unwrap();
    assert_eq!(grpc.read_file(&reference, "nope").await, Ok(None));
    let empty = grpc.read_file(&reference, "image.yml").await;
    assert_eq!(empty, Ok(Some(Vec::new())), "an empty file is there");
}

#[tokio::test]
async fn scratch_is_empty_and_not_asked_about() {
    let (fake, grpc) = engine(Script::default()).await;
    let scratch = Reference::new("");
    assert_eq!(grpc.read_file(&scratch, "a").await, Ok(None));
    assert!(fake.record().calls.is_empty());
}

#[tokio::test]
async fn messages_between_4_and_16_mebibytes_pass() {
    let large = vec![b'x'; 15 << 20];
    let script = Script::default().with_file("local://context", "large", large.clone());
    let (fake, grpc) = engine(script).await;
    let mut asked = definition("local://context");
    asked.def.push(large.clone());
    let reference = grpc.solve(asked, &[], Evaluation::Lazy).await.unwrap();
    assert_eq!(
        fake.record().solves[0].definition.as_ref().unwrap().def[1].len(),
        large.len()
    );
    let content = grpc.read_file(&reference, "large").await.unwrap().unwrap();
    assert_eq!(content.len(), large.len());
}

#[tokio::test]
async fn inputs_are_passed_on_if_the_engine_can() {
    let inputs = BTreeMap::from([("base".to_owned(), definition("docker-image://a"))]);
    let script = Script {
        inputs: inputs.clone(),
        ..Script::default()
    };
    let (_fake, grpc) = engine(script.clone()).await;
    assert_eq!(grpc.inputs().await, Ok(inputs));
    let (fake, grpc) = engine(Script {
        frontend_capabilities: [].into(),
        ..script
    })
    .await;
    assert_eq!(grpc.inputs().await, Ok(BTreeMap::new()));
    assert_eq!(fake.record().calls, ["Ping"]);
}

#[tokio::test]
async fn warnings_are_shown_if_the_engine_can() {
    let warning = Warning {
        digest: DIGEST.to_owned(),
        short: "Rule: text (line 2)".to_owned(),
        detail: vec!["more".to_owned()],
        url: String::new(),
        snippet: Some(snippet(b"a\nb\n".to_vec())),
    };
    let (fake, grpc) = engine(Script::default()).await;
    grpc.warn(warning.clone()).await.unwrap();
    let sent = fake.record().warnings.remove(0);
    assert_eq!((sent.level, sent.digest.as_str()), (1, DIGEST));
    assert_eq!(sent.short, b"Rule: text (line 2)");
    assert_eq!(sent.info.unwrap().filename, "image.yml");
    let range = &sent.ranges[0];
    assert_eq!((range.start.unwrap().line, range.end.unwrap().line), (2, 2));

    let (fake, grpc) = engine(Script {
        frontend_capabilities: [].into(),
        ..Script::default()
    })
    .await;
    assert_eq!(grpc.warn(warning).await, Ok(()));
    assert!(fake.record().warnings.is_empty());
}

#[tokio::test]
async fn calls_run_in_parallel() {
    let script = Script::default().with_interruption("Solve", Interruption::Hang);
    let (_fake, grpc) = engine(script).await;
    let engine = tokio::select! {
        biased;
        solved = grpc.solve(definition("local://context"), &[], Evaluation::Lazy) => {
            panic!("the engine does not answer: {solved:?}")
        }
        engine = grpc.ping() => engine,
    };
    assert!(engine.is_ok());
}

#[tokio::test]
async fn an_unknown_image_is_refused() {
    let (_fake, grpc) = engine(Script::default()).await;
    let error = grpc.resolve_image(ubuntu_request()).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Refused {
                call: "ResolveSourceMeta",
                code: 5,
                ..
            }
        ),
        "{error}"
    );
}
