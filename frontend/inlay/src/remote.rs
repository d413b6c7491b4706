//! Contexts at an address: git checkouts, and archives and files from the web.
//!
//! What counts as an address follows `DetectGitContext` and `DetectHTTPContext` in
//! frontend/dockerui/context.go.

use buildkit_llb::{Copy, FileActions, Git, Graph, Http, Output, pb};
use gateway::{Engine, Evaluation, Failure, Gateway, GitAddress};

use crate::engine::{make_definition, titled};

/// The name of a file from the web, and so that of a spec that is one.
pub(crate) const FILE: &str = "context";

/// How much of a file is read to see whether it is an archive.
const MAGIC_BYTES: u32 = 1024;

/// What is at an address.
pub(crate) enum Fetched {
    /// A folder: a checkout or an unpacked archive.
    Folder(pb::Definition),
    /// One file with the name [`FILE`].
    File(pb::Definition),
}

/// Whether a checkout keeps its folder `.git` if its address does not say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GitFolder {
    Drop,
    Keep,
}

/// What is at an address; `None` if the text is not an address.
///
/// `title` is the line of progress. The beginning of a file from the web is read, to see whether it
/// is an archive.
pub(crate) async fn fetch(
    gateway: &impl Gateway,
    address: &str,
    git_folder: GitFolder,
    title: &str,
) -> Result<Option<Fetched>, Failure> {
    let parsed = GitAddress::parse(address);
    let git =
        parsed.map_err(|phrase| Failure::new(format!("the address `{address}`: {phrase}")))?;
    let engine = gateway.ping().await?;
    if let Some(git) = git {
        require_capabilities(&engine, &git)?;
        let mut graph = Graph::new();
        let checkout = graph.git(make_checkout(git, git_folder), titled(title));
        return Ok(Some(Fetched::Folder(make_definition(
            &engine, &graph, checkout,
        ))));
    }
    if !["http://", "https://"]
        .iter()
        .any(|scheme| address.starts_with(scheme))
    {
        return Ok(None);
    }
    let mut graph = Graph::new();
    let mut http = Http::new(address);
    FILE.clone_into(&mut http.filename);
    let file = graph.http(http, titled(title));
    let plain = make_definition(&engine, &graph, file);
    let loaded = gateway.solve(plain.clone(), &[], Evaluation::Lazy).await?;
    let start = gateway.read_start(&loaded, FILE, MAGIC_BYTES).await?;
    if !is_archive(&start.unwrap_or_default()) {
        return Ok(Some(Fetched::File(plain)));
    }
    let mut unpack = Copy::new(file, format!("/{FILE}"), "/");
    unpack.unpack = true;
    let actions = FileActions::on(Output::SCRATCH).copy(unpack);
    let folder = graph.file(actions, titled(format!("{title}: unpack")));
    Ok(Some(Fetched::Folder(make_definition(
        &engine, &graph, folder,
    ))))
}

fn make_checkout(address: GitAddress, git_folder: GitFolder) -> Git {
    let mut git = Git::new(address.remote, address.reference);
    git.subdirectory = address.subdirectory;
    git.checksum = address.checksum;
    git.keep_git_dir = address.keep_git_dir == Some(true) || git_folder == GitFolder::Keep;
    git.skip_submodules = address.submodules == Some(false);
    git.modification_time = address.modification_time;
    git.fetch_by_commit = address.fetch_by_commit;
    git
}

/// Refuses what this engine does not know and would ignore without a word.
fn require_capabilities(engine: &Engine, address: &GitAddress) -> Result<(), Failure> {
    let needs = [
        (!address.checksum.is_empty(), "source.git.checksum"),
        (
            address.submodules == Some(false),
            "source.git.skipsubmodules",
        ),
        (!address.modification_time.is_empty(), "source.git.mtime"),
        (address.fetch_by_commit, "source.git.fetchbycommit"),
    ];
    for (is_needed, capability) in needs {
        if is_needed {
            engine.llb_capability(capability)?;
        }
    }
    Ok(())
}

/// Whether a file with this beginning is an archive that the engine unpacks.
fn is_archive(start: &[u8]) -> bool {
    const COMPRESSED: [&[u8]; 3] = [
        b"BZh",
        &[0x1f, 0x8b, 0x08],
        &[0xfd, b'7', b'z', b'X', b'Z', 0],
    ];
    COMPRESSED.iter().any(|magic| start.starts_with(magic)) || is_tar(start)
}

/// Whether this is the beginning of a tar archive: its header has a checksum, in octal at 148, which
/// is the sum of the header's bytes with blanks in place of the checksum.
fn is_tar(start: &[u8]) -> bool {
    let Some(header) = start.get(..512) else {
        return false;
    };
    let written = String::from_utf8_lossy(&header[148..156]);
    let written = written.trim_matches(|letter| matches!(letter, ' ' | '\0'));
    let Ok(written) = u32::from_str_radix(written, 8) else {
        return false;
    };
    let bytes = header.iter().enumerate().map(|(at, byte)| {
        if (148..156).contains(&at) {
            u32::from(b' ')
        } else {
            u32::from(*byte)
        }
    });
    bytes.sum::<u32>() == written
}

#[cfg(test)]
mod tests {
    use super::is_archive;

    fn header(checksum: &str) -> Vec<u8> {
        let mut header = vec![0; 1024];
        header[..4].copy_from_slice(b"file");
        header[148..148 + checksum.len()].copy_from_slice(checksum.as_bytes());
        header
    }

    #[test]
    fn archives_are_recognized_by_their_beginning() {
        // `file` and eight blanks.
        let sum = b"file".iter().map(|byte| u32::from(*byte)).sum::<u32>() + 8 * 32;
        assert!(is_archive(&header(&format!("{sum:06o}\0 "))));
        assert!(!is_archive(&header(&format!("{:06o}\0 ", sum + 1))));
        assert!(!is_archive(&header(&format!("{sum:06o}\0 "))[..511]));
        assert!(is_archive(&[0x1f, 0x8b, 0x08, 0]));
        assert!(is_archive(b"BZh9"));
        assert!(is_archive(b"\xfd7zXZ\0"));
        for text in ["", "# syntax=x\nbase: y\n", "BZ", &"0".repeat(1024)] {
            assert!(!is_archive(text.as_bytes()), "{text:?}");
        }
    }
}
