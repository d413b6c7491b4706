//! Every pair of kinds of parts that meet at one path, with every pair of entries, in both orders of names, and with
//! the second extension on the first one or not: the image has what the rule says, or the build is refused.
//!
//! [`expect`] states the rule of `docs/isolation.md` once more, without the code that applies it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::{DerivedBase, Ground};

/// The kinds of parts, by the letters in paths and names.
const KINDS: [char; 4] = ['p', 'o', 'f', 's'];

/// What the second extension has at a path where the first one has the file `x` with mode 0644.
const ENTRIES: [&str; 6] = ["same", "other", "mode", "owner", "folder", "link"];

/// What it has where the first one has a folder of an account's, with mode 0750: a file below it, the same folder, or
/// one with another mode and owner.
const IN_FOLDERS: [&str; 3] = ["below", "alike", "closed"];

/// One path.
#[derive(Clone, Copy, Debug)]
struct Cell {
    kinds: [char; 2],
    entry: &'static str,
}

/// What the image has at the path of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    First,
    Second,
    Refused,
    /// Refused before anything runs, since the texts of both are known.
    RefusedEarly,
    /// apt cannot install the second extension's packages on the first extension.
    Fails,
}

impl Cell {
    fn path(self) -> String {
        let [first, second] = self.kinds;
        format!("/m/{first}{second}-{}", self.entry)
    }

    /// What the first extension has there.
    fn first(self) -> &'static str {
        if IN_FOLDERS.contains(&self.entry) {
            "home"
        } else {
            "first"
        }
    }
}

/// All cells. `files` can make neither links nor special folders, and of two packages some entries are enough.
fn cells() -> impl Iterator<Item = Cell> {
    let pairs = KINDS.iter().flat_map(|one| KINDS.map(|two| [*one, two]));
    let cells = pairs.flat_map(|kinds| {
        let all = ENTRIES.iter().chain(&IN_FOLDERS);
        all.map(move |entry| Cell { kinds, entry })
    });
    cells.filter(|cell| match cell.kinds {
        ['f', _] if cell.first() == "home" => false,
        [_, 'f'] => !matches!(cell.entry, "link" | "alike" | "closed"),
        ['p', 'p'] => !matches!(cell.entry, "owner" | "link"),
        _ => true,
    })
}

#[expect(clippy::match_same_arms, reason = "each arm is a sentence of the rule")]
fn expect(cell: Cell, is_related: bool) -> Expected {
    let Cell { kinds, entry } = cell;
    match (kinds, entry, is_related) {
        // A folder on the way says nothing, and two equal folders agree.
        (_, "below" | "alike", _) => Expected::First,
        // dpkg leaves a folder that is there as it is.
        ([_, 'p'], "closed", true) => Expected::First,
        (_, "closed", true) => Expected::Second,
        (_, "closed", false) => Expected::Refused,
        // What is made on the first extension has seen it.
        ([_, 's'], _, true) => Expected::Second,
        // dpkg refuses a path of another package. What no package owns it replaces, files with folders too.
        (['p', 'p'], _, true) => Expected::Fails,
        ([_, 'p'], "folder", true) => Expected::Second,
        (['f', 'f'], "folder", false) => Expected::RefusedEarly,
        // Nobody moves a file away for a folder.
        (_, "folder", _) => Expected::Refused,
        (_, _, true) => Expected::Second,
        // Two packages have one path.
        (['p', 'p'], _, false) => Expected::Refused,
        (_, "same", false) => Expected::First,
        // Said over shipped.
        (['p', _], _, false) => Expected::Second,
        ([_, 'p'], _, false) => Expected::First,
        // Two sayings.
        (['f', 'f'], _, false) => Expected::RefusedEarly,
        _ => Expected::Refused,
    }
}

/// Shell text that makes an entry.
fn make(path: &str, entry: &str) -> String {
    let make = match entry {
        "first" | "same" => "printf 'x\\n' > PATH; chmod 0644 PATH",
        "other" => "printf 'yy\\n' > PATH; chmod 0644 PATH",
        "mode" => "printf 'x\\n' > PATH; chmod 0640 PATH",
        "owner" => "printf 'x\\n' > PATH; chmod 0644 PATH; chown 1000:1000 PATH",
        "folder" | "below" => "mkdir -p PATH; printf 'in\\n' > PATH/in; chmod 0644 PATH/in",
        "home" | "alike" => "mkdir -p PATH; chmod 0750 PATH; chown 1000:1000 PATH",
        "closed" => "mkdir -p PATH; chmod 0700 PATH; chown 0:0 PATH",
        _ => "ln -s nowhere PATH",
    };
    format!(
        "mkdir -p $(dirname {path}); {}\n",
        make.replace("PATH", path)
    )
}

/// An entry of `files`.
fn file(path: &str, entry: &str) -> String {
    let rest = match entry {
        "first" | "same" => "text: \"x\\n\"",
        "other" => "text: \"yy\\n\"",
        "mode" => "text: \"x\\n\", mode: \"0640\"",
        "owner" => "text: \"x\\n\", owner: \"1000:1000\"",
        _ => return format!("        - {{ to: {path}/in, text: \"in\\n\" }}\n"),
    };
    format!("        - {{ to: {path}, {rest} }}\n")
}

/// What the image shows of an entry.
fn shown(path: &str, entry: &str) -> String {
    let rest = match entry {
        "first" | "same" => "regular file 644 0:0 x",
        "other" => "regular file 644 0:0 yy",
        "mode" => "regular file 640 0:0 x",
        "owner" => "regular file 644 1000:1000 x",
        "folder" => "directory 755 0:0 in",
        "home" => "directory 750 1000:1000",
        "closed" => "directory 700 0:0",
        _ => "symbolic link 777 0:0 nowhere",
    };
    format!("{path} {rest}")
}

/// A half of the matrix: all cells that are expected to build, or all that are expected to be refused.
struct Half {
    is_related: bool,
    cells: Vec<Cell>,
}

impl Half {
    fn new(is_related: bool, is_wanted: impl Fn(Expected) -> bool) -> Half {
        let cells = cells().filter(|cell| is_wanted(expect(*cell, is_related)));
        Half {
            is_related,
            cells: cells.collect(),
        }
    }

    /// The name of the package of a role.
    fn package(&self, role: usize) -> String {
        let relation = if self.is_related { "on" } else { "beside" };
        let cells = self
            .cells
            .iter()
            .map(|cell| cell.path().replace(['/', '-'], ""));
        let all: String = cells.collect();
        // Two halves have different packages.
        let digits = all.bytes().fold(7_u32, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u32::from(byte))
        });
        format!("m-{relation}-{digits:08x}-{role}")
    }

    /// What an extension of this role and kind has: the path and the entry.
    fn holds(&self, role: usize, kind: char) -> impl Iterator<Item = (String, &'static str)> {
        let own = self
            .cells
            .iter()
            .filter(move |cell| cell.kinds[role] == kind);
        own.map(move |cell| {
            let entry = if role == 0 { cell.first() } else { cell.entry };
            (cell.path(), entry)
        })
    }

    /// Shell text that makes the packages of both roles in the archive of a base.
    fn archive(&self) -> String {
        let mut text = String::new();
        for role in [0, 1] {
            let name = self.package(role);
            let trees = self.holds(role, 'p');
            let trees: String = trees
                .map(|(path, entry)| make(&format!("tree{path}"), entry))
                .collect();
            write!(
                text,
                "rm -rf tree; mkdir -p tree/DEBIAN\n{trees}printf 'Package: {name}\\nVersion: 1\\nArchitecture: all\\n\
                 Maintainer: nobody <nobody@example.org>\\nDescription: paths\\n' > tree/DEBIAN/control\n\
                 dpkg-deb --build tree {name}.deb > /dev/null\n"
            )
            .unwrap();
        }
        text
    }

    /// The spec. The names of the first role's extensions begin with the first letter.
    fn spec(&self, base: &str, letters: [char; 2]) -> String {
        let mut uses = String::new();
        for (role, letter) in letters.into_iter().enumerate() {
            for kind in KINDS {
                let held: Vec<(String, &str)> = self.holds(role, kind).collect();
                if held.is_empty() {
                    continue;
                }
                writeln!(uses, "  - name: {letter}-{kind}").unwrap();
                if self.is_related && role == 1 {
                    let lower = KINDS.map(|kind| format!("{}-{kind}", letters[0]));
                    let lower = lower
                        .iter()
                        .filter(|name| uses.contains(&format!("name: {name}\n")));
                    let lower: Vec<&str> = lower.map(String::as_str).collect();
                    writeln!(uses, "    requires: [{}]", lower.join(", ")).unwrap();
                }
                let commands = |root: &str| -> String {
                    let commands = held.iter().map(|(path, entry)| {
                        let path = format!("{root}{path}");
                        // A step that sees the first extension's entry replaces it.
                        let is_file = !IN_FOLDERS.contains(entry) && *entry != "home";
                        let removal = if root.is_empty() && is_file {
                            format!("rm -rf {path}; ")
                        } else {
                            String::new()
                        };
                        format!("          {removal}{}", make(&path, entry))
                    });
                    commands.collect()
                };
                match kind {
                    'p' => writeln!(
                        uses,
                        "    install: {{ packages: [{}] }}",
                        self.package(role)
                    ),
                    'o' => write!(
                        uses,
                        "    build:\n      steps:\n        - |\n{}",
                        commands("$OUT")
                    ),
                    's' => write!(
                        uses,
                        "    install:\n      steps:\n        - |\n{}",
                        commands("")
                    ),
                    _ => {
                        let files: String =
                            held.iter().map(|(path, entry)| file(path, entry)).collect();
                        write!(uses, "    install:\n      files:\n{files}")
                    }
                }
                .unwrap();
            }
        }
        format!("# syntax=ghcr.io/inlay/inlay:1\nbase: {base}\nextensions:\n{uses}")
    }
}

const SHOW: &str = r#"for path in /m/*; do
  case $(stat -c %F $path) in
    directory) what=$(ls $path) ;;
    'symbolic link') what=$(readlink $path) ;;
    *) what=$(cat $path) ;;
  esac
  echo $(stat -c "%n %F %a %u:%g" $path) $what
done"#;

/// A base with an archive of the packages of all halves.
fn base(ground: &'static Ground, halves: &[&Half]) -> DerivedBase {
    let mut script = "set -eu\nmkdir -p /srv/archive; cd /srv/archive\n".to_owned();
    for half in halves {
        script += &half.archive();
    }
    script += "rm -rf tree\nfor file in *.deb; do dpkg-deb --field $file; echo \"Filename: ./$file\"; \
               echo \"Size: $(stat -c %s $file)\"; echo \"SHA256: $(sha256sum $file | cut -d ' ' -f 1)\"; echo; done > Packages\n\
               echo 'deb [trusted=yes] file:/srv/archive ./' > /etc/apt/sources.list.d/inlay.list\n";
    DerivedBase::after(ground, "matrix", &format!("<<'SCRIPT'\n{script}SCRIPT"))
}

const ORDERS: [[char; 2]; 2] = [['a', 'z'], ['z', 'a']];

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn every_pair_of_kinds_at_one_path() {
    let ground = Ground::get();
    let is_built = |expected| matches!(expected, Expected::First | Expected::Second);
    let built = [false, true].map(|related| Half::new(related, is_built));
    let refused =
        [false, true].map(|related| Half::new(related, |expected| expected == Expected::Refused));
    let base = base(ground, &[&built[0], &built[1], &refused[0], &refused[1]]);
    let count: usize = built
        .iter()
        .chain(&refused)
        .map(|half| half.cells.len())
        .sum();
    let others = [false, true].map(|related| {
        let others = [Expected::Fails, Expected::RefusedEarly];
        let others = cells().filter(|cell| others.contains(&expect(*cell, related)));
        others.count()
    });
    assert_eq!(
        count + others[0] + others[1],
        2 * cells().count(),
        "every cell is in one half"
    );

    let mut wrong: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut note = |half: &Half, letters: [char; 2], what: String| {
        let related = if half.is_related {
            "the second on the first"
        } else {
            "unrelated"
        };
        let [first, second] = letters;
        let run = format!("{first} and {second}, {related}");
        wrong.entry(run).or_default().insert(what);
    };
    for letters in ORDERS {
        for half in &built {
            let spec = half.spec(base.reference(), letters);
            let build = ground.build().spec(&spec).image();
            let outcome = build.run();
            let logs = outcome.progress.logs();
            let refusals: Vec<&str> = logs
                .lines()
                .filter(|line| line.contains("cannot be"))
                .collect();
            if !outcome.succeeded {
                note(half, letters, format!("the build fails: {refusals:#?}"));
                continue;
            }
            let said = outcome.run(["sh", "-c", SHOW]);
            let lines: BTreeSet<&str> = said.lines().collect();
            for cell in &half.cells {
                let entry = match expect(*cell, half.is_related) {
                    Expected::First => cell.first(),
                    _ => cell.entry,
                };
                let expected = shown(&cell.path(), entry);
                let below = format!("{expected} in");
                let is_shown = match cell.entry {
                    "below" => lines.contains(below.as_str()),
                    _ => lines.contains(expected.as_str()),
                };
                if !is_shown {
                    let found = lines
                        .iter()
                        .find(|line| line.starts_with(&format!("{} ", cell.path())));
                    note(
                        half,
                        letters,
                        format!("{expected} expected, {found:?} found"),
                    );
                }
            }
        }
        for half in &refused {
            let spec = half.spec(base.reference(), letters);
            let outcome = ground.build().spec(&spec).fail();
            let logs = outcome.progress.logs();
            for cell in &half.cells {
                let is_refused = |line: &str| {
                    line.contains("cannot be combined")
                        && line.contains(&format!("`{}`", cell.path()))
                };
                if !logs.lines().any(is_refused) {
                    note(half, letters, format!("{} is not refused", cell.path()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Where the second extension's packages are installed on the first extension, dpkg itself refuses.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn dpkg_refuses_what_it_cannot_install_on_another_extension() {
    let ground = Ground::get();
    let failing = cells().filter(|cell| expect(*cell, true) == Expected::Fails);
    let halves: Vec<Half> = failing
        .filter(|cell| matches!(cell.entry, "folder" | "same"))
        .map(|cell| Half {
            is_related: true,
            cells: vec![cell],
        })
        .collect();
    let all: Vec<&Half> = halves.iter().collect();
    let base = base(ground, &all);
    for half in &halves {
        let path = half.cells[0].path();
        let outcome = ground
            .build()
            .spec(&half.spec(base.reference(), ORDERS[0]))
            .run();
        assert!(!outcome.succeeded, "{path} is built");
        let logs = outcome.progress.logs();
        assert!(
            logs.contains(&path) && logs.contains("dpkg: error"),
            "{path}:\n{logs}"
        );
    }
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn files_are_compared_before_anything_runs() {
    let ground = Ground::get();
    let half = Half::new(false, |expected| expected == Expected::RefusedEarly);
    assert!(half.cells.len() > 3);
    for letters in ORDERS {
        let spec = half.spec("debian:bookworm", letters);
        let outcome = ground.build().spec(&spec).fail();
        assert_eq!(outcome.ran(), [""; 0]);
        for cell in &half.cells {
            let path = cell.path();
            let text = outcome.text();
            assert!(text.contains(&format!("`{path}")), "{path}:\n{text}");
        }
    }
}
