//! Conflicts and clashes that are known before anything is built.

use source::Code;

use crate::{check, codes};

/// Two extensions of the catalogue with these installations. The second requires the first if `required`.
fn two(first: &str, second: &str, required: bool) -> String {
    let requires = if required { "requires: [a]\n" } else { "" };
    format!(
        "//- image.yaml\nbase: debian:bookworm\nextensions: [a, b]\n\
         //- extensions/a/extension.yaml\nname: a\ninstall:\n  {first}\n\
         //- extensions/a/a.asc\none\n\
         //- extensions/b/extension.yaml\nname: b\n{requires}install:\n  {second}\n\
         //- extensions/b/a.asc\none\n\
         //- extensions/b/b.asc\ntwo\n"
    )
}

fn repository(suite: &str, key: &str) -> String {
    format!(
        "repositories: [{{ url: https://x.org/debian{suite}, components: [main], key: {key} }}]"
    )
}

#[test]
fn e0212_conflicting_key() {
    let text = two(&repository("", "a.asc"), &repository("/", "b.asc"), false);
    insta::assert_snapshot!(check(&text), @"
    error[E0212]: extensions `a` and `b` give the repository `https://x.org/debian/` different keys
     --> extensions/b/extension.yaml:3:18
      |
    3 |   repositories: [{ url: https://x.org/debian/, components: [main], key: b.asc }]
      |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
     ::: extensions/a/extension.yaml:3:18
      |
    3 |   repositories: [{ url: https://x.org/debian, components: [main], key: a.asc }]
      |                  ------------------------------------------------------------- `a` adds it here
      |
      = help: add the repository in one extension, and let the other require that one
    ");
}

#[test]
fn two_extensions_may_share_a_repository_with_one_key() {
    for second in [
        repository("", "a.asc"),
        repository(", suite: other", "b.asc"),
    ] {
        let text = two(&repository("", "a.asc"), &second, false);
        assert_eq!(codes(&text), [], "{second}");
    }
}

#[test]
fn w0002_other_key() {
    let text = "//- image.yaml\nbase: debian:bookworm\nextensions:\n\
        - { name: a, install: { repositories: [{ url: https://x.org, suite: ./, key: a.asc }] } }\n\
        - { name: b, install: { repositories: [{ url: https://x.org, suite: ./, key: b.asc }] } }\n";
    insta::assert_snapshot!(check(text), @"
    warning[W0002]: extensions `a` and `b` give the repository `https://x.org` keys from different files
     --> image.yaml:4:40
      |
    3 | - { name: a, install: { repositories: [{ url: https://x.org, suite: ./, key: a.asc }] } }
      |                                        --------------------------------------------- `a` adds it here
    4 | - { name: b, install: { repositories: [{ url: https://x.org, suite: ./, key: b.asc }] } }
      |                                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: add the repository in one extension, and let the other require that one
    base debian:bookworm
    a
      repository https://x.org ./  asc context a.asc
    b
      repository https://x.org ./  asc context b.asc
    ");
}

#[test]
fn w0003_same_alternative() {
    let choose = |path: &str| format!("steps: [\"true; update-alternatives --set editor {path}\"]");
    let (first, second) = (choose("/bin/a"), choose("/bin/b"));
    insta::assert_snapshot!(check(&two(&first, &second, false)), @r#"
    warning[W0003]: steps of extensions `a` and `b` both choose the alternative `editor`
     --> extensions/b/extension.yaml:3:11
      |
    3 |   steps: ["true; update-alternatives --set editor /bin/b"]
      |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
     ::: extensions/a/extension.yaml:3:11
      |
    3 |   steps: ["true; update-alternatives --set editor /bin/a"]
      |           ----------------------------------------------- `a` chooses it here
      |
      = help: choose it in only one of the two, or let one require the other, so that its choice wins
    base debian:bookworm
    a
      installs "true; update-alternatives --set editor /bin/a" Default
    b
      installs "true; update-alternatives --set editor /bin/b" Default
    "#);
    assert_eq!(codes(&two(&first, &second, true)), []);
    let other = first.replace("editor", "pager");
    assert_eq!(codes(&two(&first, &other, false)), []);
}

#[test]
fn w0004_unseen_package() {
    let (first, second) = ("packages: [php8.2-cli]", "packages: [php8.2-mysql]");
    insta::assert_snapshot!(check(&two(first, second, false)), @"
    warning[W0004]: `php8.2-mysql` is enabled only in a PHP that is already installed, but extension `b` does not see `php8.2-cli` of `a`
     --> extensions/b/extension.yaml:3:14
      |
    3 |   packages: [php8.2-mysql]
      |              ^^^^^^^^^^^^
      |
     ::: extensions/a/extension.yaml:3:14
      |
    3 |   packages: [php8.2-cli]
      |              ---------- `a` installs it here
      |
      = help: let `b` require `a`: `requires: [a]`
    base debian:bookworm
    a
      package php8.2-cli
    b
      package php8.2-mysql
    ");
    assert_eq!(codes(&two(first, second, true)), []);
    let together = "packages: union\nextensions";
    let text = two(first, second, false).replace("extensions:", &format!("{together}:"));
    assert_eq!(codes(&text), []);
    let text = two("packages: [emacs-nox]", "packages: [elpa-magit]", false);
    assert_eq!(codes(&text), [Code::UnseenPackage]);
    let text = two("packages: [php-cli]", "packages: [php-fpm]", false);
    assert_eq!(codes(&text), []);
}

#[test]
fn repositories_are_checked_with_their_values() {
    let text = |repository: &str| {
        format!(
            "//- image.yaml\nbase: debian:bookworm\nextensions: [{{ a: {{ release: \"x y\" }} }}]\n\
             //- extensions/a/extension.yaml\nname: a\nparameters: {{ release: x }}\n\
             install:\n  repositories: [{repository}]\n\
             //- extensions/a/keys/a.asc\none\n//- extensions/a/b.gpg/x\none\n"
        )
    };
    let of = |rest: &str| check(&text(&format!("{{ url: https://x.org, {rest} }}")));
    insta::assert_snapshot!(
        of("suite: \"${release}\", components: [main], key: keys/a.asc"),
        @r#"
    error[E0104]: `x y` is not a valid suite of a repository
     --> image.yaml:2:30
      |
    2 | extensions: [{ a: { release: "x y" } }]
      |                              ^^^^^
      |
     ::: extensions/a/extension.yaml:4:47
      |
    4 |   repositories: [{ url: https://x.org, suite: "${release}", components: [main], key: keys/a.asc }]
      |                                               ------------ the value of `release` is inserted here
      |
      = help: write a release such as `bookworm`, or a path that ends with `/`
    "#
    );
    insta::assert_snapshot!(of("key: keys/a.asc"), @"
    error[E0104]: the repository lists no components
     --> extensions/a/extension.yaml:4:18
      |
    4 |   repositories: [{ url: https://x.org, key: keys/a.asc }]
      |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: add `components: [main]`, or write a `suite` that ends with `/` for a flat repository
    ");
    insta::assert_snapshot!(of("suite: x/, components: [main], key: keys/a.asc"), @"
    error[E0104]: a repository whose `suite` ends with `/` cannot have components
     --> extensions/a/extension.yaml:4:18
      |
    4 |   repositories: [{ url: https://x.org, suite: x/, components: [main], key: keys/a.asc }]
      |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: leave `components` out
    ");
    insta::assert_snapshot!(of("components: [main], key: b.gpg"), @"
    error[E0104]: the key `b.gpg` is a folder
     --> extensions/a/extension.yaml:4:65
      |
    4 |   repositories: [{ url: https://x.org, components: [main], key: b.gpg }]
      |                                                                 ^^^^^
      |
      = help: name the file with the public key
    ");
    insta::assert_snapshot!(of("components: [main], key: c.gpg"), @"
error[E0211]: extension `a` has no file `c.gpg`
 --> extensions/a/extension.yaml:4:65
  |
4 |   repositories: [{ url: https://x.org, components: [main], key: c.gpg }]
  |                                                                 ^^^^^
  |
  = help: paths are relative to the extension's folder
");
}
