//! Misplaced keys: the help of the error says where they belong.

use crate::keys::{BUILD, EXTENSION, IMAGE, INSTALL, Object};
use crate::tests::{extension, image};

#[test]
fn keys_of_build_and_install_in_an_extension() {
    insta::assert_snapshot!(extension("name: x
packages: [jq]
steps: [make]
files: []
repositories: []
union: why
sources: []
outputs: [/a]
on: base"), @"
    E0101 2:1 [packages] unknown key `packages`
      help: put it into `install` (packages of the image) or `build` (packages of the builder alone)
    E0101 3:1 [steps] unknown key `steps`
      help: put it into `build` (commands in a builder) or `install` (commands on the user's base)
    E0101 4:1 [files] unknown key `files`
      help: put it into `install`
    E0101 5:1 [repositories] unknown key `repositories`
      help: put it into `install`
    E0101 6:1 [union] unknown key `union`
      help: put it into `install`
    E0101 7:1 [sources] unknown key `sources`
      help: put it into `build`
    E0101 8:1 [outputs] unknown key `outputs`
      help: put it into `build`
    E0101 9:1 [on] unknown key `on`
      help: put it into `build`
    ");
}

#[test]
fn keys_of_the_spec_in_an_extension() {
    insta::assert_snapshot!(extension("base: debian
labels: {}
workdir: /a
arguments: {}
extensions: []"), @"
    E0101 1:1 [base] unknown key `base`
      help: it is a key of the spec, not of an extension
    E0102 1:1 [base] `name` is missing
      help: add `name: …`, the name of the extension
    E0101 2:1 [labels] unknown key `labels`
      help: it is a key of the spec, not of an extension
    E0101 3:1 [workdir] unknown key `workdir`
      help: it is a key of the spec, not of an extension
    E0101 4:1 [arguments] unknown key `arguments`
      help: it is a key of the spec, not of an extension
    E0101 5:1 [extensions] unknown key `extensions`
      help: it is a key of the spec, not of an extension
    ");
}

#[test]
fn keys_of_an_extension_in_a_spec() {
    insta::assert_snapshot!(image("base: debian
name: x
install: {packages: [jq]}
build: {}
requires: [uv]
steps: [make]
files: []
sources: []"), @"
    E0101 2:1 [name] unknown key `name`
      help: it is a key of an extension: move it into an entry of `extensions`
    E0101 3:1 [install] unknown key `install`
      help: it is a key of an extension: move it into an entry of `extensions`
    E0101 4:1 [build] unknown key `build`
      help: it is a key of an extension: move it into an entry of `extensions`
    E0101 5:1 [requires] unknown key `requires`
      help: it is a key of an extension: move it into an entry of `extensions`
    E0101 6:1 [steps] unknown key `steps`
      help: put it into the `build` or the `install` of an extension
    E0101 7:1 [files] unknown key `files`
      help: put it into the `install` of an extension
    E0101 8:1 [sources] unknown key `sources`
      help: put it into the `build` of an extension
    ");
}

#[test]
fn keys_of_an_extension_that_is_defined_in_place() {
    insta::assert_snapshot!(image("base: debian
extensions:
  - name: x
    packages: [jq]
    labels: {}"), @"
    E0101 4:5 [packages] unknown key `packages`
      help: put it into `install` (packages of the image) or `build` (packages of the builder alone)
    E0101 5:5 [labels] unknown key `labels`
      help: it is a key of the spec, not of an extension
    ");
}

#[test]
fn keys_of_build_and_install_in_each_other() {
    insta::assert_snapshot!(extension("name: x
build: {steps: [], files: []}
install: {sources: []}"), @"
    E0101 2:20 [files] unknown key `files`
      help: put it into `install`, beside `build`
    E0101 3:11 [sources] unknown key `sources`
      help: put it into `build`, beside `install`
    ");
}

/// A new key needs a place in the tables of its neighbors, too.
#[test]
fn every_key_of_a_neighbor_has_a_place() {
    let neighbors: [(&Object, &[&Object]); 4] = [
        (&IMAGE, &[&EXTENSION, &BUILD, &INSTALL]),
        (&EXTENSION, &[&IMAGE, &BUILD, &INSTALL]),
        (&BUILD, &[&INSTALL]),
        (&INSTALL, &[&BUILD]),
    ];
    for (object, others) in neighbors {
        let own: Vec<&str> = object.names().collect();
        let foreign = others.iter().flat_map(|other| other.names());
        let foreign: Vec<&str> = foreign.filter(|name| !own.contains(name)).collect();
        for name in &foreign {
            let place = object.right_place(name);
            assert!(place.is_some(), "`{name}` in `{}`", object.name);
        }
        let placed = object.misplaced.iter().flat_map(|misplaced| misplaced.keys);
        for name in placed {
            assert!(foreign.contains(name), "`{name}` in `{}`", object.name);
        }
    }
}

#[test]
fn words_beside_parameters() {
    insta::assert_snapshot!(image("base: debian
extensions:
  - uv: { requires: x, secrets: [y], when: z, after: [a, { b: c }] }
  - node: { after: }
"), @"
    E0108 3:11 [requires] `requires` is planned, but not available in this version
      help: leave it out
    E0108 3:24 [secrets] `secrets` is planned, but not available in this version
      help: leave it out
    E0108 3:38 [when] `when` is planned, but not available in this version
      help: leave it out
    E0103 3:60 [b] an entry of `after` must be text, not a mapping
    E0103 4:13 [after] `after` has no value
      help: write a list, or leave the key out
    ");
    insta::assert_snapshot!(extension("name: x
parameters: { after: a, when: {} }
"), @"
    E0104 2:15 [after] no parameter can be called `after`
      help: choose another name: where an extension is used, this word has a meaning of its own
    E0104 2:25 [when] no parameter can be called `when`
      help: choose another name: where an extension is used, this word has a meaning of its own
    ");
}
