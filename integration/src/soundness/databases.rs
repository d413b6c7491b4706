//! Reads the databases of a system into sets of records. Order and numbers that do not matter are left out,
//! so that equal systems have equal sets.

use std::collections::{BTreeMap, BTreeSet};

use crate::soundness::survey::Survey;

/// The records of a database of the survey. `None` for a path that is not a database.
pub(crate) fn records(survey: &Survey, path: &str) -> Option<BTreeSet<String>> {
    let text = survey.file(path);
    let lines = || text.lines().filter(|line| !line.is_empty());
    let whole = || lines().map(str::to_owned).collect();
    let fields = |row: &dyn Fn(Vec<&str>) -> Vec<String>| {
        lines()
            .map(|line| row(line.split(':').collect()).join(":"))
            .collect()
    };
    Some(match path {
        "/etc/passwd" => {
            let groups = groups(survey);
            fields(&|row| {
                let number = row.get(3).copied().unwrap_or_default();
                let group = groups.get(number).copied().unwrap_or(number).to_owned();
                // Images may give a user different numbers, but in the same range.
                let range = range(row.get(2).copied().unwrap_or_default());
                let mut words = vec![row[0].to_owned(), range.to_owned(), group];
                words.extend(row.iter().skip(4).map(|word| (*word).to_owned()));
                words
            })
        }
        "/etc/group" => fields(&|row| {
            let range = range(row.get(2).copied().unwrap_or_default());
            let members = members(row.get(3).copied().unwrap_or_default());
            vec![row[0].to_owned(), range.to_owned(), members]
        }),
        "/etc/gshadow" => fields(&|row| {
            let secret = row.get(1).copied().unwrap_or_default().to_owned();
            let lists = row.iter().skip(2).map(|list| members(list));
            [row[0].to_owned(), secret]
                .into_iter()
                .chain(lists)
                .collect()
        }),
        // The third field is the day of the installation.
        "/etc/shadow" => fields(&|mut row| {
            if row.len() > 2 {
                row[2] = "";
            }
            row.into_iter().map(str::to_owned).collect()
        }),
        "/var/lib/dpkg/diversions" => {
            let all: Vec<&str> = text.lines().collect();
            all.chunks(3).map(|lines| lines.join(" ")).collect()
        }
        _ if path.starts_with("/var/lib/dpkg/alternatives/") => alternative(text),
        "/var/lib/dpkg/status" | "/var/lib/apt/extended_states" => stanzas(text),
        _ if path.starts_with("/var/cache/debconf/") => stanzas(text),
        "/etc/shells"
        | "/var/lib/shells.state"
        | "/etc/subuid"
        | "/etc/subgid"
        | "/etc/xml/catalog"
        | "/var/lib/xml-core/catalog"
        | "/var/lib/dpkg/statoverride"
        | "/var/lib/ucf/hashfile"
        | "/var/lib/ucf/registry" => whole(),
        _ if [
            "/etc/sgml/",
            "/var/lib/sgml-base/",
            "/var/lib/dpkg/triggers/",
        ]
        .iter()
        .any(|folder| path.starts_with(folder)) =>
        {
            whole()
        }
        _ => return None,
    })
}

/// The names of groups by their numbers.
fn groups(survey: &Survey) -> BTreeMap<&str, &str> {
    let named = |line| {
        let mut fields = str::split(line, ':');
        let name = fields.next()?;
        Some((fields.nth(1)?, name))
    };
    survey
        .file("/etc/group")
        .lines()
        .filter_map(named)
        .collect()
}

/// The range of Debian's policy, 9.2.2, to which a number belongs.
fn range(number: &str) -> &'static str {
    match number.parse().unwrap_or(u32::MAX) {
        0..=99 => "fixed",
        100..=999 => "system",
        1000..=59999 => "person",
        _ => "other",
    }
}

fn members(list: &str) -> String {
    let names: BTreeSet<&str> = list.split(',').collect();
    names.into_iter().collect::<Vec<_>>().join(",")
}

/// The paragraphs of a file. The packages that own a debconf question are sorted.
pub(crate) fn stanzas(text: &str) -> BTreeSet<String> {
    let paragraphs = text.split("\n\n").map(|text| text.trim_matches('\n'));
    let sorted = |line: &str| match line.strip_prefix("Owners: ") {
        None => line.to_owned(),
        Some(owners) => {
            let owners: BTreeSet<&str> = owners.split(", ").collect();
            format!("Owners: {}", Vec::from_iter(owners).join(", "))
        }
    };
    paragraphs
        .filter(|text| !text.is_empty())
        .map(|text| text.lines().map(sorted).collect::<Vec<_>>().join("\n"))
        .collect()
}

/// Mode, link, slaves and choices of `update-alternatives`, as one record each.
fn alternative(text: &str) -> BTreeSet<String> {
    let mut lines = text.lines();
    let mut records = BTreeSet::new();
    records.insert(format!("mode {}", lines.next().unwrap_or_default()));
    records.insert(format!("link {}", lines.next().unwrap_or_default()));
    let mut slaves = Vec::new();
    while let Some(name) = lines.next().filter(|line| !line.is_empty()) {
        let link = lines.next().unwrap_or_default();
        records.insert(format!("slave {name} {link}"));
        slaves.push(name);
    }
    while let Some(path) = lines.next().filter(|line| !line.is_empty()) {
        let priority = lines.next().unwrap_or_default();
        records.insert(format!("choice {path} {priority}"));
        for slave in &slaves {
            let target = lines.next().unwrap_or_default();
            if !target.is_empty() {
                records.insert(format!("choice {path} slave {slave} {target}"));
            }
        }
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, one: &str, two: &str, is_equal: bool) {
        let read = |text: &str| {
            let mut survey = Survey::default();
            let groups = "one:x:101:\ntwo:x:102:\n".to_owned();
            survey.files.insert("/etc/group".to_owned(), groups);
            survey.files.insert(path.to_owned(), text.to_owned());
            records(&survey, path).unwrap()
        };
        assert_eq!(read(one) == read(two), is_equal, "{one:?} {two:?}");
    }

    #[test]
    fn order_and_numbers_do_not_matter() {
        let path = "/etc/passwd";
        check(path, "a:x:100:101::/:/sh\n", "a:x:103:101::/:/sh\n", true);
        check(path, "a:x:100:101::/:/sh\n", "a:x:100:102::/:/sh\n", false);
        check(path, "a:x:100:101::/:/sh\n", "a:x:1000:101::/:/sh\n", false);
        let path = "/etc/group";
        check(path, "a:x:5:b,c\n", "a:x:6:c,b\n", true);
        check(path, "a:x:5:b,c\n", "a:x:5:b\n", false);
        check("/etc/shadow", "a:!:1::::::\n", "a:!:2::::::\n", true);
        check("/etc/shadow", "a:!:1::::::\n", "a:*:1::::::\n", false);
        let path = "/var/lib/dpkg/diversions";
        check(path, "a\nb\nc\nd\ne\nf\n", "d\ne\nf\na\nb\nc\n", true);
        check(path, "a\nb\nc\n", "a\nb\nd\n", false);
        let path = "/var/cache/debconf/config.dat";
        check(
            path,
            "Name: a\nOwners: b, c\n",
            "Name: a\nOwners: c, b\n\n",
            true,
        );
        check(path, "Name: a\nValue: b\n", "Name: a\nValue: c\n", false);
    }

    #[test]
    fn alternatives_are_compared_by_their_choices() {
        let path = "/var/lib/dpkg/alternatives/vi";
        let one = "auto\n/usr/bin/vi\nman\n/man/vi\n\n/bin/a\n10\n/man/a\n/bin/b\n20\n\n\n";
        let reordered = "auto\n/usr/bin/vi\nman\n/man/vi\n\n/bin/b\n20\n\n/bin/a\n10\n/man/a\n\n";
        check(path, one, reordered, true);
        check(path, one, &one.replace("20", "30"), false);
        check(path, one, &one.replace("/man/a", "/man/c"), false);
        check(path, one, &one.replace("auto", "manual"), false);
    }

    #[test]
    fn other_files_are_not_databases() {
        assert_eq!(records(&Survey::default(), "/etc/fstab"), None);
    }
}
