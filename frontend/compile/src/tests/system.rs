//! Graphs with system layers: what packages and steps are put on.

use crate::compile;
use crate::tests::{check_commands, request};
use fixtures::resolve_sound;

#[test]
fn packages_and_the_hook_are_layers_on_the_base() {
    insta::assert_snapshot!(check_commands("\
//- image.yaml
base: ubuntu:24.04
extensions: [a, { name: b, install: { packages: [curl] } }]
//- extensions/a/extension.yaml
name: a
install: { packages: [jq] }
shell: { bash: x }
"), @r##"
    [base] ubuntu:24.04                           image  docker.io/library/ubuntu:24.04@sha256:3d5 linux/amd64                                                    @ image.yaml:1
    [internal] list of packages~f6d7c5cb          file   file /file 644 ""                                                                                   @ image.yaml:1
    [a] packages: jq (fetch)                      exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 INLAY_EPOCH=315532800 INLAY_SCRIPT="# Makes the usual programs trust the user's certificates, if there are any, besi…" /bin/sh -e -c "eval \"$INLAY_SCRIPT\"" fetch-packages [/run/inlay/archives scratch output#1] [/run/inlay/downloads cache /inlay/downloads/ubuntu:24.04/linux/amd64 shared] [/run/inlay/list [internal] list of packages~f6d7c5cb:/file readonly] [/run/inlay/work scratch discarded] [/run/secrets/inlay-ca secret inlay-ca]  <- [base] ubuntu:24.04, [internal] list of packages~f6d7c5cb  @ extensions/a/extension.yaml:2
    [internal] list of packages~59acba19          file   file /file 644 "ask jq\n"                                                                           @ image.yaml:1
    [a] packages: jq                              exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 INLAY_EPOCH=315532800 INLAY_ALONE=yes /bin/sh -e /run/inlay/install [network none] [/run/inlay/archives [a] packages: jq (fetch)#1 readonly, by definition] [/run/inlay/install [internal] script install:/install readonly] [/run/inlay/list [internal] list of packages~59acba19:/file readonly] [/run/inlay/work scratch discarded]  <- [base] ubuntu:24.04, [a] packages: jq (fetch)#1, [internal] script install, [internal] list of packages~59acba19  @ extensions/a/extension.yaml:2
    [a] packages: jq (layer)                      diff                                                     <- [base] ubuntu:24.04, [a] packages: jq          @ extensions/a/extension.yaml:2
    [a] gather files                              file   directory /etc 755; directory /etc/inlay 755; directory /etc/inlay/bash.d 755; file /etc/inlay/bash.d/a.sh 644 "x\n"                                                    @ extensions/a/extension.yaml:3
    [a] files                                     file   copy [a] gather files:/ -> /                      <- [a] gather files                               @ extensions/a/extension.yaml:3
    [internal] list of packages~8f77e71c          file   file /file 644 "ask curl\n"                                                                         @ image.yaml:1
    [b] packages: curl                            exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 INLAY_EPOCH=315532800 INLAY_ALONE=yes /bin/sh -e /run/inlay/install [network none] [/run/inlay/archives [a] packages: jq (fetch)#1 readonly, by definition] [/run/inlay/install [internal] script install:/install readonly] [/run/inlay/list [internal] list of packages~8f77e71c:/file readonly] [/run/inlay/work scratch discarded]  <- [base] ubuntu:24.04, [a] packages: jq (fetch)#1, [internal] script install, [internal] list of packages~8f77e71c  @ image.yaml:2
    [b] packages: curl (layer)                    diff                                                     <- [base] ubuntu:24.04, [b] packages: curl        @ image.yaml:2
    [joint] merge 2 system layers                 merge                                                    <- [base] ubuntu:24.04, [a] packages: jq (layer), [b] packages: curl (layer)  @ image.yaml:2
    [internal] job of the joint                   file   file /file 644 "{\"base\":\"/run/inlay/state/base\",\"layers\":[{\"extension\":\"a\",\"part\":\"packages\",\"st…"                                                    @ image.yaml:1
    [internal] the frontend's own image           image  inlay linux/amd64                                                                                   @ image.yaml:1
    [a] packages: jq (state)                      exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state /run/inlay/before [network none] [/run/inlay/after [a] packages: jq readonly, by definition] [/run/inlay/before [base] ubuntu:24.04 readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [a] packages: jq, [base] ubuntu:24.04, [internal] the frontend's own image  @ extensions/a/extension.yaml:2
    [b] packages: curl (state)                    exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state /run/inlay/before [network none] [/run/inlay/after [b] packages: curl readonly, by definition] [/run/inlay/before [base] ubuntu:24.04 readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [b] packages: curl, [base] ubuntu:24.04, [internal] the frontend's own image  @ image.yaml:2
    [joint] read the base's databases             exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state [network none] [/run/inlay/after [base] ubuntu:24.04 readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [base] ubuntu:24.04, [internal] the frontend's own image  @ image.yaml:1
    [joint] reconcile the databases of the image  exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 EPOCH=315532800 /run/inlay/reconcile /run/inlay/job [network none] [/run/inlay/above scratch output#1] [/run/inlay/job [internal] job of the joint:/file readonly] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state/0 [a] packages: jq (state)#1 readonly] [/run/inlay/state/2 [b] packages: curl (state)#1 readonly] [/run/inlay/state/base [joint] read the base's databases#1 readonly] [/run/inlay/tree/0 [a] packages: jq readonly, by definition] [/run/inlay/tree/1 [a] files readonly, by definition] [/run/inlay/tree/2 [b] packages: curl readonly, by definition]  <- [joint] merge 2 system layers, [internal] job of the joint, [internal] the frontend's own image, [a] packages: jq (state)#1, [b] packages: curl (state)#1, [joint] read the base's databases#1, [a] packages: jq, [a] files, [b] packages: curl  @ image.yaml:2
    [joint] layer                                 diff                                                     <- [joint] merge 2 system layers, [joint] reconcile the databases of the image  @ image.yaml:2
    [image] merge 5 layers                        merge                                                    <- [base] ubuntu:24.04, [a] packages: jq (layer), [a] files, [b] packages: curl (layer), [joint] layer, [joint] reconcile the databases of the image#1  @ image.yaml:1
    "##);
}

#[test]
fn steps_see_what_the_extension_provides_and_requires() {
    insta::assert_snapshot!(check_commands("\
//- image.yaml
base: ubuntu:24.04
extensions: [a]
//- extensions/a/extension.yaml
name: a
requires: [b]
parameters: { level: \"3\" }
install:
  packages: [jq]
  files: [{ text: x, to: /etc/a }]
  steps: [useradd a, { run: chown a /etc/a, cache: [{ id: c, path: /var/c }] }]
environment: { LEVEL_OF_A: \"${level}\" }
path: [/opt/a]
//- extensions/b/extension.yaml
name: b
install: { steps: [{ run: useradd b, network: none }] }
"), @r##"
    [base] ubuntu:24.04                           image  docker.io/library/ubuntu:24.04@sha256:3d5 linux/amd64                                                    @ image.yaml:1
    [b] steps: useradd b                          exec   OF=ubuntu:24.04 PATH=/usr/bin:/bin HOME=/root SOURCE_DATE_EPOCH=315532800 TARGETARCH=amd64 INLAY_EPOCH=315532800 /bin/sh -e /run/inlay/steps "useradd b" [network none] [/run/inlay/steps [internal] script steps:/steps readonly] [/run/inlay/work scratch discarded]  <- [base] ubuntu:24.04, [internal] script steps   @ extensions/b/extension.yaml:2
    [b] steps: useradd b (layer)                  diff                                                     <- [base] ubuntu:24.04, [b] steps: useradd b      @ extensions/b/extension.yaml:2
    [internal] list of packages~f6d7c5cb          file   file /file 644 ""                                                                                   @ image.yaml:1
    [a] packages: jq (fetch)                      exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 INLAY_EPOCH=315532800 INLAY_SCRIPT="# Makes the usual programs trust the user's certificates, if there are any, besi…" /bin/sh -e -c "eval \"$INLAY_SCRIPT\"" fetch-packages [/run/inlay/archives scratch output#1] [/run/inlay/downloads cache /inlay/downloads/ubuntu:24.04/linux/amd64 shared] [/run/inlay/list [internal] list of packages~f6d7c5cb:/file readonly] [/run/inlay/work scratch discarded] [/run/secrets/inlay-ca secret inlay-ca]  <- [b] steps: useradd b, [internal] list of packages~f6d7c5cb  @ extensions/a/extension.yaml:5
    [internal] list of packages~59acba19          file   file /file 644 "ask jq\n"                                                                           @ image.yaml:1
    [a] packages: jq                              exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 INLAY_EPOCH=315532800 INLAY_ALONE=yes /bin/sh -e /run/inlay/install [network none] [/run/inlay/archives [a] packages: jq (fetch)#1 readonly, by definition] [/run/inlay/install [internal] script install:/install readonly] [/run/inlay/list [internal] list of packages~59acba19:/file readonly] [/run/inlay/work scratch discarded]  <- [b] steps: useradd b, [a] packages: jq (fetch)#1, [internal] script install, [internal] list of packages~59acba19  @ extensions/a/extension.yaml:5
    [a] packages: jq (layer)                      diff                                                     <- [b] steps: useradd b, [a] packages: jq         @ extensions/a/extension.yaml:5
    [a] gather files                              file   directory /etc 755; file /etc/a 644 "x\n"                                                           @ extensions/a/extension.yaml:6
    [a] files                                     file   copy [a] gather files:/ -> /                      <- [a] gather files                               @ extensions/a/extension.yaml:6
    [a] merge what its steps see                  merge                                                    <- [a] packages: jq, [a] files                    @ extensions/a/extension.yaml:1
    [a] 2 steps: useradd a; …                     exec   OF=ubuntu:24.04 PATH=/opt/a:/usr/bin:/bin LEVEL_OF_A=3 HOME=/root SOURCE_DATE_EPOCH=315532800 TARGETARCH=amd64 LEVEL=3 INLAY_EPOCH=315532800 /bin/sh -e /run/inlay/steps "useradd a" "chown a /etc/a" [/run/inlay/steps [internal] script steps:/steps readonly] [/run/inlay/work scratch discarded] [/var/c cache /c shared] [/run/secrets/inlay-ca secret inlay-ca]  <- [a] merge what its steps see, [internal] script steps  @ extensions/a/extension.yaml:7
    [a] 2 steps: useradd a; … (layer)             diff                                                     <- [a] merge what its steps see, [a] 2 steps: useradd a; …  @ extensions/a/extension.yaml:7
    [joint] merge what is below the joint         merge                                                    <- [base] ubuntu:24.04, [b] steps: useradd b (layer), [a] packages: jq (layer), [a] 2 steps: useradd a; … (layer)  @ extensions/a/extension.yaml:2
    [internal] job of the joint                   file   file /file 644 "{\"base\":\"/run/inlay/state/base\",\"layers\":[{\"extension\":\"b\",\"part\":\"steps\",\"state…"                                                    @ image.yaml:1
    [internal] the frontend's own image           image  inlay linux/amd64                                                                                   @ image.yaml:1
    [b] steps: useradd b (state)                  exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state /run/inlay/before [network none] [/run/inlay/after [b] steps: useradd b readonly, by definition] [/run/inlay/before [base] ubuntu:24.04 readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [b] steps: useradd b, [base] ubuntu:24.04, [internal] the frontend's own image  @ extensions/b/extension.yaml:2
    [a] packages: jq (state)                      exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state /run/inlay/before [network none] [/run/inlay/after [a] packages: jq readonly, by definition] [/run/inlay/before [b] steps: useradd b readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [a] packages: jq, [b] steps: useradd b, [internal] the frontend's own image  @ extensions/a/extension.yaml:5
    [a] 2 steps: useradd a; … (state)             exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state /run/inlay/before [network none] [/run/inlay/after [a] 2 steps: useradd a; … readonly, by definition] [/run/inlay/before [a] merge what its steps see readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [a] 2 steps: useradd a; …, [a] merge what its steps see, [internal] the frontend's own image  @ extensions/a/extension.yaml:7
    [joint] read the base's databases             exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state [network none] [/run/inlay/after [base] ubuntu:24.04 readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [base] ubuntu:24.04, [internal] the frontend's own image  @ image.yaml:1
    [joint] reconcile the databases of the image  exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 EPOCH=315532800 /run/inlay/reconcile /run/inlay/job [network none] [/run/inlay/above scratch output#1] [/run/inlay/job [internal] job of the joint:/file readonly] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state/0 [b] steps: useradd b (state)#1 readonly] [/run/inlay/state/1 [a] packages: jq (state)#1 readonly] [/run/inlay/state/3 [a] 2 steps: useradd a; … (state)#1 readonly] [/run/inlay/state/base [joint] read the base's databases#1 readonly] [/run/inlay/tree/0 [b] steps: useradd b readonly, by definition] [/run/inlay/tree/1 [a] packages: jq readonly, by definition] [/run/inlay/tree/2 [a] files readonly, by definition] [/run/inlay/tree/3 [a] 2 steps: useradd a; … readonly, by definition]  <- [joint] merge what is below the joint, [internal] job of the joint, [internal] the frontend's own image, [b] steps: useradd b (state)#1, [a] packages: jq (state)#1, [a] 2 steps: useradd a; … (state)#1, [joint] read the base's databases#1, [b] steps: useradd b, [a] packages: jq, [a] files, [a] 2 steps: useradd a; …  @ extensions/a/extension.yaml:2
    [joint] layer                                 diff                                                     <- [joint] merge what is below the joint, [joint] reconcile the databases of the image  @ extensions/a/extension.yaml:2
    [image] merge 6 layers                        merge                                                    <- [base] ubuntu:24.04, [b] steps: useradd b (layer), [a] packages: jq (layer), [a] files, [a] 2 steps: useradd a; … (layer), [joint] layer, [joint] reconcile the databases of the image#1  @ image.yaml:1
    "##);
}

#[test]
fn an_extension_that_requires_two_is_put_on_a_joint() {
    insta::assert_snapshot!(names("\
//- image.yaml
base: ubuntu:24.04
extensions:
  - { name: a, install: { packages: [jq] } }
  - { name: b, install: { steps: [useradd b] } }
  - { name: c, requires: [a, b], install: { packages: [git] } }
"), @"
    [base] ubuntu:24.04 <- 
    [a] packages: jq (fetch) <- [base] ubuntu:24.04
    [a] packages: jq <- [base] ubuntu:24.04, [a] packages: jq (fetch)#1
    [a] packages: jq (layer) <- [base] ubuntu:24.04, [a] packages: jq
    [b] steps: useradd b <- [base] ubuntu:24.04
    [b] steps: useradd b (layer) <- [base] ubuntu:24.04, [b] steps: useradd b
    [joint] merge 2 system layers <- [base] ubuntu:24.04, [a] packages: jq (layer), [b] steps: useradd b (layer)
    [a] packages: jq (state) <- [a] packages: jq, [base] ubuntu:24.04
    [b] steps: useradd b (state) <- [b] steps: useradd b, [base] ubuntu:24.04
    [joint] read the base's databases <- [base] ubuntu:24.04
    [joint] reconcile the databases of a, b <- [joint] merge 2 system layers, [a] packages: jq (state)#1, [b] steps: useradd b (state)#1, [joint] read the base's databases#1, [a] packages: jq, [b] steps: useradd b
    [c] packages: git (fetch) <- [joint] reconcile the databases of a, b
    [c] packages: git <- [joint] reconcile the databases of a, b, [c] packages: git (fetch)#1
    [c] packages: git (layer) <- [joint] reconcile the databases of a, b, [c] packages: git
    [a] packages: jq (keep state) <- [a] packages: jq (state)#1, [a] packages: jq (state)#1
    [b] steps: useradd b (keep state) <- [b] steps: useradd b (state)#1, [b] steps: useradd b (state)#1
    [c] packages: git (state) <- [c] packages: git, [joint] reconcile the databases of a, b
    [c] packages: git (keep state) <- [c] packages: git (state)#1, [c] packages: git (state)#1
    [image] merge 3 layers <- [base] ubuntu:24.04, [a] packages: jq (layer), [b] steps: useradd b (layer), [c] packages: git (layer), [a] packages: jq (keep state), [b] steps: useradd b (keep state), [c] packages: git (keep state)
    ");
}

#[test]
fn a_chain_needs_no_joint() {
    insta::assert_snapshot!(names("\
//- image.yaml
base: ubuntu:24.04
extensions:
  - { name: a, install: { packages: [jq] } }
  - { name: b, requires: [a], install: { packages: [git], steps: [useradd b] } }
"), @"
    [base] ubuntu:24.04 <- 
    [a] packages: jq (fetch) <- [base] ubuntu:24.04
    [a] packages: jq <- [base] ubuntu:24.04, [a] packages: jq (fetch)#1
    [a] packages: jq (layer) <- [base] ubuntu:24.04, [a] packages: jq
    [b] packages: git (fetch) <- [a] packages: jq
    [b] packages: git <- [a] packages: jq, [b] packages: git (fetch)#1
    [b] packages: git (layer) <- [a] packages: jq, [b] packages: git
    [b] steps: useradd b <- [b] packages: git
    [b] steps: useradd b (layer) <- [b] packages: git, [b] steps: useradd b
    [a] packages: jq (state) <- [a] packages: jq, [base] ubuntu:24.04
    [a] packages: jq (keep state) <- [a] packages: jq (state)#1, [a] packages: jq (state)#1
    [b] packages: git (state) <- [b] packages: git, [a] packages: jq
    [b] packages: git (keep state) <- [b] packages: git (state)#1, [b] packages: git (state)#1
    [b] steps: useradd b (state) <- [b] steps: useradd b, [b] packages: git
    [b] steps: useradd b (keep state) <- [b] steps: useradd b (state)#1, [b] steps: useradd b (state)#1
    [image] merge 3 layers <- [base] ubuntu:24.04, [a] packages: jq (layer), [b] packages: git (layer), [b] steps: useradd b (layer), [a] packages: jq (keep state), [b] packages: git (keep state), [b] steps: useradd b (keep state)
    ");
}

#[test]
fn the_union_may_lie_between_other_layers() {
    insta::assert_snapshot!(names("\
//- image.yaml
base: ubuntu:24.04
extensions:
  - { name: a, requires: [z], install: { packages: [jq], union: because } }
  - { name: b, install: { packages: [git], union: because } }
  - { name: c, requires: [a], install: { packages: [curl] } }
  - { name: z, install: { packages: [zsh] } }
"), @"
    [base] ubuntu:24.04 <- 
    [z] packages: zsh (fetch) <- [base] ubuntu:24.04
    [z] packages: zsh <- [base] ubuntu:24.04, [z] packages: zsh (fetch)#1
    [z] packages: zsh (layer) <- [base] ubuntu:24.04, [z] packages: zsh
    [packages] ubuntu:24.04: git jq (fetch) <- [z] packages: zsh
    [packages] ubuntu:24.04: git jq <- [z] packages: zsh, [packages] ubuntu:24.04: git jq (fetch)#1
    [packages] ubuntu:24.04: git jq (layer) <- [z] packages: zsh, [packages] ubuntu:24.04: git jq
    [c] packages: curl (fetch) <- [packages] ubuntu:24.04: git jq
    [c] packages: curl <- [packages] ubuntu:24.04: git jq, [c] packages: curl (fetch)#1
    [c] packages: curl (layer) <- [packages] ubuntu:24.04: git jq, [c] packages: curl
    [z] packages: zsh (state) <- [z] packages: zsh, [base] ubuntu:24.04
    [z] packages: zsh (keep state) <- [z] packages: zsh (state)#1, [z] packages: zsh (state)#1
    [packages] ubuntu:24.04: git jq (state) <- [packages] ubuntu:24.04: git jq, [z] packages: zsh
    [packages] ubuntu:24.04: git jq (keep state) <- [packages] ubuntu:24.04: git jq (state)#1, [packages] ubuntu:24.04: git jq (state)#1
    [c] packages: curl (state) <- [c] packages: curl, [packages] ubuntu:24.04: git jq
    [c] packages: curl (keep state) <- [c] packages: curl (state)#1, [c] packages: curl (state)#1
    [image] merge 3 layers <- [base] ubuntu:24.04, [z] packages: zsh (layer), [packages] ubuntu:24.04: git jq (layer), [c] packages: curl (layer), [z] packages: zsh (keep state), [packages] ubuntu:24.04: git jq (keep state), [c] packages: curl (keep state)
    ");
}

#[test]
fn repositories_are_mounted_as_files() {
    insta::assert_snapshot!(check_commands("\
//- image.yaml
base: ubuntu:24.04
extensions: [a]
//- extensions/a/extension.yaml
name: a
install:
  packages: [tool]
  repositories: [{ url: https://x.org/debian/, components: [main, extra], key: a.asc }]
//- extensions/a/a.asc
key
"), @r##"
    [base] ubuntu:24.04                   image  docker.io/library/ubuntu:24.04@sha256:3d5 linux/amd64                                                    @ image.yaml:1
    [internal] list of packages~f6d7c5cb  file   file /file 644 ""                                                                                   @ image.yaml:1
    [a] packages: tool (fetch)            exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 INLAY_EPOCH=315532800 INLAY_SCRIPT="# Makes the usual programs trust the user's certificates, if there are any, besi…" /bin/sh -e -c "eval \"$INLAY_SCRIPT\"" fetch-packages [/run/inlay/archives scratch output#1] [/run/inlay/downloads cache /inlay/downloads/ubuntu:24.04/linux/amd64 shared] [/run/inlay/list [internal] list of packages~f6d7c5cb:/file readonly] [/run/inlay/work scratch discarded] [/run/secrets/inlay-ca secret inlay-ca]  <- [base] ubuntu:24.04, [internal] list of packages~f6d7c5cb  @ extensions/a/extension.yaml:3
    [internal] list of packages~35a1ba4f  file   file /file 644 "ask tool\n"                                                                         @ image.yaml:1
    [internal] files of an extension      file   file /source 644 "key\n"                                                                            @ extensions/a/extension.yaml:4
    [internal] a repository of packages   file   file /file 644 "Types: deb\nURIs: https://x.org/debian/\nComponents: main extra\nSigned-By: /etc/ap…"                                                    @ extensions/a/extension.yaml:4
    [a] packages: tool                    exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 INLAY_EPOCH=315532800 INLAY_ALONE=yes /bin/sh -e /run/inlay/install [network none] [/run/inlay/archives [a] packages: tool (fetch)#1 readonly, by definition] [/run/inlay/install [internal] script install:/install readonly] [/run/inlay/list [internal] list of packages~35a1ba4f:/file readonly] [/run/inlay/repositories/inlay-03d3a49e6864feb94bc700aa1d0f95e411b47a8b54c1da1be8a57e5131f2de4a.asc [internal] files of an extension:/source readonly] [/run/inlay/repositories/inlay-3c2d0a52880e169f780b1f80b1c80536c94aaa21bc1cbed91037957f7eea806d.sources [internal] a repository of packages:/file readonly] [/run/inlay/work scratch discarded]  <- [base] ubuntu:24.04, [a] packages: tool (fetch)#1, [internal] script install, [internal] list of packages~35a1ba4f, [internal] files of an extension, [internal] a repository of packages  @ extensions/a/extension.yaml:3
    [a] packages: tool (layer)            diff                                                     <- [base] ubuntu:24.04, [a] packages: tool        @ extensions/a/extension.yaml:3
    [internal] the frontend's own image   image  inlay linux/amd64                                                                                   @ image.yaml:1
    [a] packages: tool (state)            exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state /run/inlay/before [network none] [/run/inlay/after [a] packages: tool readonly, by definition] [/run/inlay/before [base] ubuntu:24.04 readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [a] packages: tool, [base] ubuntu:24.04, [internal] the frontend's own image  @ extensions/a/extension.yaml:3
    [a] packages: tool (keep state)       diff                                                     <- [a] packages: tool (state)#1, [a] packages: tool (state)#1  @ extensions/a/extension.yaml:3
    [image] merge 1 layers                merge                                                    <- [base] ubuntu:24.04, [a] packages: tool (layer), [a] packages: tool (keep state)  @ image.yaml:1
    "##);
}

/// The names of a graph's vertices and of their inputs, without internal ones.
fn names(text: &str) -> String {
    let (plan, sources) = resolve_sound(text);
    let compiled = compile(&plan, &sources, &request(&plan));
    let graph = &compiled.graph;
    let mut rows = Vec::new();
    for line in graph.dump(compiled.root).lines() {
        let name = line.split("  ").next().unwrap_or_default();
        if name.starts_with("[internal]") {
            continue;
        }
        let inputs = line.split("<- ").nth(1).unwrap_or_default();
        let inputs = inputs.split("  ").next().unwrap_or_default();
        let inputs: Vec<&str> = inputs
            .split(", ")
            .filter(|input| !input.starts_with("[internal]"))
            .collect();
        rows.push(format!("{name} <- {}", inputs.join(", ")));
    }
    rows.join("\n")
}
