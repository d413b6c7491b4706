//! Tests of the comparison, on handmade surveys.

use super::*;

/// An image with only what every image has.
fn image() -> Survey {
    let mut survey = Survey::default();
    survey
        .outputs
        .insert("check".to_owned(), "status 0\n".to_owned());
    let link = Entry {
        kind: "l".to_owned(),
        content: "usr/bin".to_owned(),
        ..Entry::default()
    };
    survey.tree.insert("/bin".to_owned(), link);
    survey
}

fn with(mut survey: Survey, path: &str, owner: &str, content: &str) -> Survey {
    let entry = Entry {
        kind: "f".to_owned(),
        owner: owner.to_owned(),
        content: content.to_owned(),
        ..Entry::default()
    };
    survey.tree.insert(path.to_owned(), entry);
    survey.files.insert(path.to_owned(), content.to_owned());
    survey
}

/// Compares the numbers of unexplained and of expected differences.
fn check(merged: &Survey, reference: &Survey, more: &[&str], expected: [usize; 2]) {
    let more = more.iter().map(|name| (*name).to_owned()).collect();
    let comparison = compare(merged, reference, &more);
    let counts = [
        comparison.differences.len(),
        comparison.expected.values().sum(),
    ];
    assert_eq!(counts, expected, "{comparison:?}");
}

#[test]
fn equal_images_do_not_differ() {
    check(&image(), &image(), &[], [0, 0]);
}

#[test]
fn contents_owners_and_presence_are_compared() {
    let file = |owner: &str, content: &str| with(image(), "/a", owner, content);
    check(&file("root", "1"), &file("root", "2"), &[], [1, 0]);
    check(&file("root", "1"), &file("mail", "1"), &[], [1, 0]);
    check(&file("root", "1"), &image(), &[], [1, 0]);
    check(&image(), &file("root", "1"), &[], [1, 0]);
}

#[test]
fn a_random_file_may_differ_only_in_its_bytes() {
    let key = |owner: &str, content: &str| {
        with(
            image(),
            "/etc/ssl/private/ssl-cert-snakeoil.key",
            owner,
            content,
        )
    };
    check(&key("root", "1"), &key("root", "2"), &[], [0, 1]);
    check(&key("root", "1"), &key("mail", "2"), &[], [1, 0]);
    check(&key("root", "1"), &image(), &[], [1, 0]);
    check(&image(), &key("root", "1"), &[], [1, 0]);
}

#[test]
fn what_no_layer_holds_may_be_only_in_the_reference() {
    let lock = |image: Survey| with(image, "/etc/.pwd.lock", "root", "");
    check(&image(), &lock(image()), &[], [0, 1]);
    check(&lock(image()), &image(), &[], [1, 0]);
}

#[test]
fn databases_are_compared_by_their_records() {
    let shells = |text: &str| with(image(), "/etc/shells", "root", text);
    check(&shells("/a\n/b\n"), &shells("/b\n/a\n"), &[], [0, 0]);
    check(&shells("/a\n"), &shells("/b\n/a\n"), &[], [1, 0]);
    check(&shells("/a\n/b\n/c\n"), &shells("/b\n/a\n"), &[], [1, 0]);
}

#[test]
fn files_of_explained_packages_are_expected() {
    let list = "/var/lib/dpkg/info/extra.list";
    let merged = with(image(), list, "root", "/.\n/bin/extra\n");
    let merged = with(merged, "/usr/bin/extra", "root", "1");
    check(&merged, &image(), &["extra"], [0, 2]);
    check(&merged, &image(), &[], [2, 0]);
    // A file with a similar name that belongs to another package is not theirs.
    let other = with(merged, "/var/lib/dpkg/info/extra-data.list", "root", "");
    check(&other, &image(), &["extra"], [1, 2]);
}

#[test]
fn complaints_of_dpkg_and_apt_are_differences() {
    let mut broken = image();
    broken
        .outputs
        .insert("audit".to_owned(), "half-installed".to_owned());
    check(&broken, &image(), &[], [1, 0]);
    // Even if the reference has them too.
    check(&broken, &broken, &[], [1, 0]);
    let mut unmet = image();
    unmet
        .outputs
        .insert("check".to_owned(), "E: unmet\nstatus 100\n".to_owned());
    check(&unmet, &image(), &[], [1, 0]);
}

#[test]
fn links_to_the_same_place_are_equal() {
    let linked = |target: &str| {
        let mut image = image();
        let mut link = image.tree["/bin"].clone();
        target.clone_into(&mut link.content);
        image.tree.insert("/a".to_owned(), link);
        image
    };
    check(&linked("/bin/a"), &linked("/usr/bin/a"), &[], [0, 1]);
    check(&linked("/bin/a"), &linked("/usr/bin/b"), &[], [1, 0]);
}

#[test]
fn folders_of_a_running_system_may_be_missing_where_systemd_makes_them() {
    let folder = |mut image: Survey, path: &str| {
        let folder = Entry {
            kind: "d".to_owned(),
            ..Entry::default()
        };
        image.tree.insert(path.to_owned(), folder);
        image
    };
    let text = "# comment\nd /var/run/a 0755 root root - -\n";
    let asked = || with(image(), "/usr/lib/tmpfiles.d/a.conf", "root", text);
    check(&asked(), &folder(asked(), "/run/a"), &[], [0, 1]);
    check(&asked(), &folder(asked(), "/run/b"), &[], [1, 0]);
    check(&folder(asked(), "/run/a"), &asked(), &[], [1, 0]);
    check(&asked(), &folder(asked(), "/var/lib/a"), &[], [1, 0]);
}

#[test]
fn a_certificate_may_be_linked_under_another_hash() {
    let linked = |path: &str, target: &str| {
        let mut image = image();
        let mut link = image.tree["/bin"].clone();
        target.clone_into(&mut link.content);
        image.tree.insert(format!("/etc/ssl/certs/{path}"), link);
        image
    };
    let certificate = |path: &str| linked(path, "ssl-cert-snakeoil.pem");
    check(&certificate("a.0"), &certificate("b.0"), &[], [0, 2]);
    check(&image(), &certificate("b.0"), &[], [1, 0]);
    check(
        &certificate("a.0"),
        &linked("b.0", "other.pem"),
        &[],
        [2, 0],
    );
}
