//! Relations between packages, as the fields `Conflicts`, `Breaks`, `Depends` and `Provides` declare them.
//!
//! Commas separate groups, and bars separate the alternatives of a group. Each alternative is a name,
//! optionally followed by `:` and an architecture, and by a version in parentheses (Debian's policy, 7.1).

use std::cmp::Ordering;

use crate::formats::version::compare;

/// One alternative of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Relation<'a> {
    pub(crate) name: &'a [u8],
    /// `any`, `native` or an architecture, if one is given.
    pub(crate) architecture: Option<&'a [u8]>,
    pub(crate) version: Option<(Operator, &'a [u8])>,
    /// The relation as the field spells it.
    pub(crate) written: &'a [u8],
}

/// How a relation compares versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `<<`
    Earlier,
    /// `<=`, and `<`, which dpkg treats the same
    EarlierOrEqual,
    /// `=`
    Equal,
    /// `>=`, and `>`, which dpkg treats the same
    LaterOrEqual,
    /// `>>`
    Later,
}

impl Operator {
    /// Whether the first version stands in this relation to the second.
    pub(crate) fn holds(self, one: &[u8], two: &[u8]) -> bool {
        let order = compare(one, two);
        match self {
            Self::Earlier => order == Ordering::Less,
            Self::EarlierOrEqual => order != Ordering::Greater,
            Self::Equal => order == Ordering::Equal,
            Self::LaterOrEqual => order != Ordering::Less,
            Self::Later => order == Ordering::Greater,
        }
    }
}

impl<'a> Relation<'a> {
    fn parse(written: &'a [u8]) -> Option<Self> {
        let written = written.trim_ascii();
        let is_name = |byte: &u8| !byte.is_ascii_whitespace() && !b"(:".contains(byte);
        let end = written.iter().position(|byte| !is_name(byte));
        let (name, rest) = written.split_at(end.unwrap_or(written.len()));
        if name.is_empty() {
            return None;
        }
        let (architecture, rest) = match rest.strip_prefix(b":") {
            Some(rest) => {
                let end = rest.iter().position(|byte| !is_name(byte));
                let (architecture, rest) = rest.split_at(end.unwrap_or(rest.len()));
                (Some(architecture), rest)
            }
            None => (None, rest),
        };
        let version = rest
            .trim_ascii()
            .strip_prefix(b"(")
            .and_then(|rest| rest.strip_suffix(b")"))
            .and_then(parse_version);
        Some(Self {
            name,
            architecture,
            version,
            written,
        })
    }

    /// Whether a package of this version satisfies the relation.
    pub(crate) fn admits(&self, version: &[u8]) -> bool {
        self.version
            .is_none_or(|(operator, wanted)| operator.holds(version, wanted))
    }

    /// Whether a provided name satisfies the relation. One without a version satisfies only a relation without one.
    pub(crate) fn admits_provided(&self, provided: &Relation<'_>) -> bool {
        match (self.version, provided.version) {
            (None, _) => true,
            (Some(_), Some((_, version))) => self.admits(version),
            (Some(_), None) => false,
        }
    }

    /// Whether the relation covers packages of this architecture. Without one, or with `any`, it covers all.
    ///
    /// `native` is the architecture that `all` and `native` stand for.
    pub(crate) fn is_for_architecture(&self, architecture: &[u8], native: &[u8]) -> bool {
        let known = |architecture: &'_ [u8]| match architecture {
            b"all" | b"native" => native.to_vec(),
            other => other.to_vec(),
        };
        self.architecture
            .is_none_or(|wanted| wanted == b"any" || known(wanted) == known(architecture))
    }
}

fn parse_version(inside: &[u8]) -> Option<(Operator, &[u8])> {
    let inside = inside.trim_ascii();
    let end = inside.iter().position(|byte| !b"<=>".contains(byte))?;
    let (operator, version) = inside.split_at(end);
    let operator = match operator {
        b"<<" => Operator::Earlier,
        b"<=" | b"<" => Operator::EarlierOrEqual,
        b"=" | b"" => Operator::Equal,
        b">=" | b">" => Operator::LaterOrEqual,
        b">>" => Operator::Later,
        _ => return None,
    };
    Some((operator, version.trim_ascii()))
}

/// Parses a field into its groups, each a list of alternatives.
pub(crate) fn parse_groups(field: &[u8]) -> Vec<Vec<Relation<'_>>> {
    let groups = field.split(|byte| *byte == b',');
    let alternatives = groups.map(|group| {
        let relations = group.split(|byte| *byte == b'|');
        relations.filter_map(Relation::parse).collect()
    });
    alternatives
        .filter(|group: &Vec<_>| !group.is_empty())
        .collect()
}

/// Parses a field that has no alternatives.
pub(crate) fn parse_relations(field: &[u8]) -> Vec<Relation<'_>> {
    parse_groups(field).into_iter().flatten().collect()
}
