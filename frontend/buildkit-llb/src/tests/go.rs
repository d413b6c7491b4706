//! The digests of a graph are those that BuildKit's own Go client computes for the same graph.
//! A Go program that used `client/llb` of BuildKit 73ed6825 (after v0.32.2) printed them once; it was not kept.

mod graph;

use std::collections::BTreeMap;

use crate::tests::go::graph::build;
use crate::{Capabilities, Digest, Graph};

/// The names of the vertices here, and their digests in Go.
const GO: [(&str, &str); 15] = [
    (
        "alpine",
        "sha256:ace6a63fbf8d8ae2b812183505b094df62c0ea6de6b244a5eba8efd7b65e9a9d",
    ),
    (
        "git",
        "sha256:566f27b447cc630f430202b2fe6966eda0cbc344ad5226f6740ce35f7e1c3bd0",
    ),
    (
        "cache",
        "sha256:1e0d8f910fc438df286d48dda57ebdb58276b365e1c7456e1b8527e62a6d729c",
    ),
    (
        "oci",
        "sha256:b42f65a92aada201e82c238dc224ef5c8067e9611cec633805ad6ed67609c102",
    ),
    (
        "ssh",
        "sha256:9d6e5b5cbd2c487d7dcfd8d0f61b0b7fb6a34a891b98f6a2f4732bf82ee09ac5",
    ),
    (
        "http",
        "sha256:7809c3d260525867f78a775d62947d2e98eb52b15f455eab382031f06606a620",
    ),
    (
        "local",
        "sha256:ae4fa9ea9680c24354db11fdff26738bd5fb142abf2f9109e5d7908de1f75e03",
    ),
    (
        "files",
        "sha256:7cf3a28995ce8ce244c71209539e9d1fea30fc9156bc6be70b5b1a181ebe1bd7",
    ),
    (
        "run",
        "sha256:daf76107b81bd17990cd8c495be2d094e238323c40049c5f2a3f1b03603b2e1c",
    ),
    (
        "difference",
        "sha256:4828397e166c93978e4a62404cf65d3b9289b5b84ade6f4254029234476c3f9d",
    ),
    (
        "readonly",
        "sha256:ab000e3abcdc2d880dd367d6d43328814198bb379f7d85fcdf483f6df67fd25a",
    ),
    (
        "same",
        "sha256:54216e4929fc855bdf036b0d8c852432844c353119006c1750ffa4a243c4cae2",
    ),
    (
        "to scratch",
        "sha256:8603d430cd4551846f521c5ce99904d490d63367c58755b187a46971da48d628",
    ),
    (
        "root",
        "sha256:b8b204a20770fece4d51bcb46d9bdf279f867938671451521b7079b02a73863e",
    ),
    (
        "terminal",
        "sha256:90367c9dc8d52e49f4b679d002545505cee91820dd38d6b5d9efbe9ff5a8c6c9",
    ),
];

#[test]
fn digests_are_those_of_go() {
    let mut graph = Graph::new();
    let root = build(&mut graph);
    let definition = graph.definition(root, &Capabilities::all());
    let name = |digest: Digest| match graph.about(digest) {
        Some(about) => about.name.clone(),
        None => "terminal".to_owned(),
    };
    let digests = definition.def.iter().map(|bytes| Digest::of(bytes));
    let found: BTreeMap<String, String> = digests
        .map(|digest| (name(digest), digest.to_string()))
        .collect();
    let expected = GO.map(|(name, digest)| (name.to_owned(), digest.to_owned()));
    assert_eq!(found, BTreeMap::from(expected));

    // The capabilities are Go's too, except those of file operations: there Go names only the first.
    let asked = |index: usize| -> String {
        let caps = &definition.metadata[GO[index].1].caps;
        caps.keys()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(asked(0), "source.image source.image.resolvemode");
    assert_eq!(
        asked(1),
        "source.git source.git.checksum source.git.fullurl source.git.keepgitdir"
    );
    assert_eq!(
        asked(4),
        "source.git source.git.fullurl source.git.knownsshhosts source.git.mountsshsock"
    );
    assert_eq!(
        asked(5),
        "soruce.http.uidgid source.http source.http.checksum source.http.perm"
    );
    assert_eq!(
        asked(6),
        "source.local source.local.excludepatterns source.local.followpaths \
         source.local.includepatterns source.local.sessionid source.local.sharedkeyhint"
    );
    assert_eq!(
        asked(8),
        "exec.meta.base exec.meta.cdi exec.meta.network exec.meta.proxyenv exec.meta.security \
         exec.meta.setsdefaultpath exec.meta.ulimit exec.mount.bind exec.mount.cache \
         exec.mount.cache.sharing exec.mount.secret exec.mount.selector exec.mount.ssh exec.mount.tmpfs \
         exec.mount.tmpfs.size exec.secretenv exec.validexitcode"
    );
    assert_eq!(
        asked(14),
        "constraints meta.description meta.ignorecache platform"
    );
}
