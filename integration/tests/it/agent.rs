//! [`Agent`]: an ssh agent for one test.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// An ssh agent, stopped when dropped.
pub(crate) struct Agent {
    folder: tempfile::TempDir,
    child: Child,
}

impl Agent {
    pub(crate) fn start() -> Agent {
        let folder = tempfile::tempdir().unwrap();
        let child = Command::new("ssh-agent")
            .arg("-D")
            .arg("-a")
            .arg(folder.path().join("agent"))
            .stdout(Stdio::null())
            .spawn()
            .expect("these tests need `ssh-agent`");
        let agent = Agent { folder, child };
        let deadline = Instant::now() + Duration::from_secs(10);
        while !agent.socket().exists() {
            assert!(Instant::now() < deadline, "`ssh-agent` does not start");
            std::thread::yield_now();
        }
        agent
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("agent")
    }

    /// Adds a new key to the agent, and returns its public half.
    pub(crate) fn add_key(&self) -> String {
        let key = self.folder.path().join("key");
        let run = |command: &mut Command| {
            let output = command.output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{said}");
        };
        run(Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(&key));
        run(Command::new("ssh-add")
            .arg(&key)
            .env("SSH_AUTH_SOCK", self.socket()));
        std::fs::read_to_string(key.with_extension("pub")).unwrap()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
