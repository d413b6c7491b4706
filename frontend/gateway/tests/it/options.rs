//! The environment of the process.

use gateway::{CacheImport, Error, Options, pb};

fn options(variables: &[(&str, &str)]) -> Options {
    let variables = variables
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()));
    Options::from_environment(variables).expect("a well-formed environment")
}

#[test]
fn values_are_split_at_the_first_equals_sign() {
    let options = options(&[
        ("BUILDKIT_FRONTEND_OPT_1", "build-arg:FLAGS=-O2 -DX=1"),
        ("BUILDKIT_FRONTEND_OPT_0", "no-cache"),
        ("BUILDKIT_FRONTEND_OPT_2", "target="),
        ("BUILDKIT_FRONTEND_OPTION", "not=ours"),
        ("PATH", "/bin"),
    ]);
    assert_eq!(options.get("build-arg:FLAGS"), Some("-O2 -DX=1"));
    assert_eq!(options.get("no-cache"), Some(""));
    assert_eq!(options.get("target"), Some(""));
    assert_eq!(options.get("not"), None);
    assert_eq!(options.get("PATH"), None);
}

#[test]
fn a_prefix_selects_and_is_removed() {
    let options = options(&[
        ("BUILDKIT_FRONTEND_OPT_0", "build-arg:B=2"),
        ("BUILDKIT_FRONTEND_OPT_1", "build-arg:A=1"),
        ("BUILDKIT_FRONTEND_OPT_2", "build-arh=3"),
        ("BUILDKIT_FRONTEND_OPT_3", "attest:sbom="),
    ]);
    let arguments: Vec<_> = options.with_prefix("build-arg:").collect();
    assert_eq!(arguments, [("A", "1"), ("B", "2")]);
}

#[test]
fn a_local_source_may_have_its_own_session() {
    let options = options(&[
        ("BUILDKIT_SESSION_ID", "build"),
        ("BUILDKIT_FRONTEND_OPT_0", "local-sessionid:context=shared"),
    ]);
    assert_eq!(options.session_id, "build");
    assert_eq!(options.session_for("context"), "shared");
    assert_eq!(options.session_for("dockerfile"), "build");
}

#[test]
fn the_default_platform_is_the_first_of_the_first_worker() {
    let options = options(&[(
        "BUILDKIT_WORKERS",
        r#"[{"id":"w","labels":null,"platforms":[
            {"architecture":"arm","os":"linux","variant":"v7","os.version":"1"},
            {"architecture":"amd64","os":"linux"}],"gcPolicy":[]}]"#,
    )]);
    let expected = pb::Platform {
        architecture: "arm".to_owned(),
        os: "linux".to_owned(),
        variant: "v7".to_owned(),
        os_version: "1".to_owned(),
        os_features: Vec::new(),
    };
    assert_eq!(options.default_platform(), Some(&expected));
    assert_eq!(options.workers[0].platforms.len(), 2);
}

#[test]
fn workers_may_be_absent_and_must_be_json() {
    for text in ["", "null", "[]", r#"[{"id":"w","platforms":null}]"#] {
        assert_eq!(
            options(&[("BUILDKIT_WORKERS", text)]).default_platform(),
            None,
            "{text}"
        );
    }
    let variables = [("BUILDKIT_WORKERS".to_owned(), "{".to_owned())];
    let error = Options::from_environment(variables).expect_err("malformed");
    assert!(matches!(error, Error::Malformed { ref name, .. } if name == "BUILDKIT_WORKERS"));
}

#[test]
fn cache_imports_come_from_both_options() {
    let options = options(&[
        ("BUILDKIT_FRONTEND_OPT_0", "cache-from=r/a,r/b"),
        (
            "BUILDKIT_FRONTEND_OPT_1",
            r#"cache-imports=[{"Type":"local","Attrs":{"src":"/c"}},{"Type":"gha","Attrs":null}]"#,
        ),
    ]);
    let import = |kind: &str, attributes: &[(&str, &str)]| CacheImport {
        kind: kind.to_owned(),
        attributes: attributes
            .iter()
            .map(|&(k, v)| (k.to_owned(), v.to_owned()))
            .collect(),
    };
    let expected = vec![
        import("local", &[("src", "/c")]),
        import("gha", &[]),
        import("registry", &[("ref", "r/a")]),
        import("registry", &[("ref", "r/b")]),
    ];
    assert_eq!(options.cache_imports(), Ok(expected));
}

#[test]
fn malformed_cache_imports_are_an_error() {
    let options = options(&[("BUILDKIT_FRONTEND_OPT_0", "cache-imports=[{]")]);
    assert!(matches!(
        options.cache_imports(),
        Err(Error::Malformed { .. })
    ));
}
