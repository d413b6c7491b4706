//! An ssh server on the loopback, unpacked from the machine's own packages and never installed.
//!
//! It needs users of its own. They are only in copies of the lists of users, which are mounted in a namespace
//! of its own, so that the machine stays unchanged.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::Ground;

/// The server, stopped when dropped.
pub(crate) struct Sshd {
    pub(crate) port: u16,
    home: PathBuf,
    child: Child,
}

/// The script that runs in the namespace. Its arguments are the folder and the program.
const START: &str = r#"
mount --bind "$1/passwd" /etc/passwd
mount --bind "$1/shadow" /etc/shadow
mount -t tmpfs tmpfs /run
mkdir /run/sshd
exec "$2" -D -e -f "$1/config"
"#;

impl Sshd {
    /// The user who logs in.
    pub(crate) const USER: &str = "inlay-test";

    /// Accepts logins with that public key. The server's files are put into the folder.
    pub(crate) fn serve(ground: &Ground, folder: &Path, public_key: &str) -> Sshd {
        let packages = ["openssh-server", "libwrap0"];
        let unpacked = ground.engine.unpack(&packages).unwrap();
        // A port that was free a moment ago.
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .unwrap()
            .port();
        let home = folder.join("home");
        std::fs::create_dir(&home).unwrap();
        // Repositories belong to root and are read by the user.
        let write = |name: &str, text: String| std::fs::write(folder.join(name), text).unwrap();
        write("home/.gitconfig", "[safe]\n\tdirectory = *\n".to_owned());
        let user = Sshd::USER;
        let list = |path: &str| std::fs::read_to_string(path).unwrap();
        let shown = home.display();
        write(
            "passwd",
            format!(
                "{}sshd:x:65500:65500::/run/sshd:/bin/false\n{user}:x:65501:65501::{shown}:/bin/sh\n",
                list("/etc/passwd")
            ),
        );
        let shadow = format!("{}{user}:*:19000:0:99999:7:::\n", list("/etc/shadow"));
        write("shadow", shadow);
        write("authorized", public_key.to_owned());
        let host_key = folder.join("host");
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(&host_key)
            .status();
        assert!(made.unwrap().success(), "`ssh-keygen` makes a key");
        let folder_shown = folder.display();
        write(
            "config",
            format!(
                "Port {port}\nListenAddress 127.0.0.1\nHostKey {folder_shown}/host\n\
                 AuthorizedKeysFile {folder_shown}/authorized\nPidFile none\nStrictModes no\n\
                 UsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
            ),
        );
        // The user has to pass through this folder.
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        let libraries = std::fs::read_dir(unpacked.join("usr/lib")).unwrap();
        let libraries = libraries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| path.to_string_lossy().ends_with("-linux-gnu"));
        let mut child = Command::new("unshare")
            .args(["--mount", "sh", "-e", "-c", START, "sh"])
            .arg(folder)
            .arg(unpacked.join("usr/sbin/sshd"))
            .env("LD_LIBRARY_PATH", libraries.unwrap_or_default())
            .stderr(Stdio::piped())
            .spawn()
            .expect("this test needs root and `unshare`");
        let mut said = String::new();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        while !said.contains("Server listening") {
            let length = lines.read_line(&mut said).unwrap();
            assert!(length > 0, "the ssh server does not start: {said}");
        }
        // Nobody reads what it prints from now on, and a full pipe must not stop it.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Sshd { port, home, child }
    }

    /// The user's home.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
