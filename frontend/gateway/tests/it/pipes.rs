//! Pipes of the operating system, and a process that is started as BuildKit would start it.

use std::{
    env,
    io::{PipeReader, PipeWriter, Read, pipe},
    os::fd::OwnedFd,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use gateway::{
    Error, Evaluation, Failure, Gateway, Grpc, Reply,
    fake::{Fake, Interruption, Script},
    serve,
};
use tokio::{
    net::unix::pipe::{Receiver, Sender},
    runtime::{Builder, Runtime},
};

use crate::support::{definition, soon};

/// The variable that tells the process under test how to answer. Absent when the tests run
/// normally.
const CHILD: &str = "GATEWAY_TEST_CHILD";
const PREFACE: &[u8] = b"PRI * HTTP/2.0";
const DEADLINE: Duration = Duration::from_secs(30);

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// Serves over pipes until they are closed, on a thread of its own.
fn serve_pipes(fake: Fake, read: PipeReader, write: PipeWriter) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        runtime().block_on(async move {
            let read = Receiver::from_owned_fd(read.into()).expect("a pipe");
            let write = Sender::from_owned_fd(write.into()).expect("a pipe");
            fake.serve(tokio::io::join(read, write)).await;
        });
    })
}

#[test]
fn a_runtime_ends_while_the_pipes_are_open() {
    let (our_read, their_write) = pipe().unwrap();
    let (their_read, our_write) = pipe().unwrap();
    let keep_open = their_write.try_clone().unwrap();
    let fake = Fake::new(Script::default());
    let engine = serve_pipes(fake.clone(), their_read, their_write);
    let (ended, end) = mpsc::channel();
    thread::spawn(move || {
        let runtime = runtime();
        let delivered = runtime.block_on(async {
            let grpc = Grpc::connect_pipes(our_read.into(), our_write.into()).await?;
            soon(serve(&grpc, || async { Ok(Reply::default()) })).await
        });
        drop(runtime);
        ended.send(delivered)
    });
    assert_eq!(end.recv_timeout(DEADLINE), Ok(Ok(())));
    assert_eq!(fake.record().returns.len(), 1);
    drop(keep_open);
    engine.join().unwrap();
}

#[tokio::test]
async fn files_are_not_pipes() {
    let null = || OwnedFd::from(std::fs::File::open("/dev/null").unwrap());
    let error = Grpc::connect_pipes(null(), null()).await.unwrap_err();
    assert_eq!(error, Error::NotPipe);
    assert!(
        error
            .to_string()
            .ends_with("to use it by hand, see `inlay --help`")
    );
}

/// The process under test. Does nothing when the tests run normally; in a child process it is a
/// frontend.
#[test]
fn child() {
    let Ok(answer) = env::var(CHILD) else { return };
    let delivered = runtime().block_on(async {
        let grpc = Grpc::connect_stdio().await?;
        serve(&grpc, || async {
            grpc.ping().await?;
            grpc.solve(definition("local://context"), &[], Evaluation::Lazy)
                .await?;
            match answer.as_str() {
                "reply" => Ok(Reply::default()),
                "failure" => Err(Failure::new("wrong")),
                other => panic!("told to {other}"),
            }
        })
        .await
    });
    std::process::exit(i32::from(delivered.is_err()));
}

/// Runs a frontend in a process and returns its exit status.
fn run(fake: &Fake, answer: &str) -> Option<i32> {
    let (child_read, engine_write) = pipe().expect("a pipe");
    let (mut engine_read, child_write) = pipe().expect("a pipe");
    let mut child = Command::new(env::current_exe().expect("a path"))
        .args(["--exact", "pipes::child", "--nocapture"])
        .env(CHILD, answer)
        .stdin(child_read)
        .stdout(child_write)
        .stderr(Stdio::null())
        .spawn()
        .expect("a process");
    // The test harness in the child prints a line of its own before the frontend starts.
    skip_to_preface(&mut engine_read);
    let engine = serve_after_preface(fake.clone(), engine_read, engine_write);
    let (exited, exit) = mpsc::channel();
    thread::spawn(move || exited.send(child.wait()));
    // As in BuildKit, standard input stays open until the process has exited, because the fake
    // serves until its own input ends.
    let status = exit
        .recv_timeout(DEADLINE)
        .expect("an exit before the deadline");
    engine
        .join()
        .expect("the engine ends when the pipes are closed");
    status.expect("a status").code()
}

fn skip_to_preface(read: &mut PipeReader) {
    let mut seen = Vec::new();
    while !seen.ends_with(PREFACE) {
        let mut byte = [0];
        read.read_exact(&mut byte).expect("a frontend that starts");
        seen.push(byte[0]);
    }
}

/// Serves over pipes from which the beginning of the preface was already read.
fn serve_after_preface(fake: Fake, read: PipeReader, write: PipeWriter) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        runtime().block_on(async move {
            let read = Receiver::from_owned_fd(read.into()).expect("a pipe");
            let write = Sender::from_owned_fd(write.into()).expect("a pipe");
            let read = tokio::io::AsyncReadExt::chain(PREFACE, read);
            fake.serve(tokio::io::join(read, write)).await;
        });
    })
}

#[test]
fn a_process_exits_with_0_when_its_return_arrived() {
    for (answer, message) in [
        ("reply", None),
        ("failure", Some("wrong")),
        (
            "panic",
            Some("this is a bug in the frontend, please report: told to panic"),
        ),
    ] {
        let fake = Fake::new(Script::default());
        assert_eq!(run(&fake, answer), Some(0), "{answer}");
        let record = fake.record();
        assert_eq!(record.calls, ["Ping", "Solve", "Return"]);
        let error = record.returns[0]
            .error
            .as_ref()
            .map(|status| status.message.as_str());
        match message {
            None => assert_eq!(error, None),
            Some(message) => assert!(error.unwrap().starts_with(message), "{error:?}"),
        }
    }
}

#[test]
fn a_process_exits_with_1_when_the_engine_vanished() {
    for call in ["Solve", "Return"] {
        let script = Script::default().with_interruption(call, Interruption::Vanish);
        let fake = Fake::new(script);
        assert_eq!(run(&fake, "reply"), Some(1), "{call}");
        assert!(fake.record().returns.is_empty());
    }
}
