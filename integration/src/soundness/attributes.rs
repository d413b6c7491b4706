//! Extended attributes in words that do not depend on the numbers of accounts.
//!
//! Access lists (`include/uapi/linux/posix_acl_xattr.h`) are a version of four bytes and entries of
//! tag, permissions and id, two, two and four bytes, little-endian.

use std::collections::BTreeMap;

use super::survey::Survey;

const USER: u64 = 0x02;
const GROUP: u64 = 0x08;

/// The names of an image's accounts, by number.
pub(crate) struct Names {
    users: BTreeMap<u64, String>,
    groups: BTreeMap<u64, String>,
}

impl Names {
    pub(crate) fn of(survey: &Survey) -> Names {
        let read = |path: &str| {
            let lines = survey.file(path).lines();
            lines
                .filter_map(|line| {
                    let mut fields = line.split(':');
                    let name = fields.next()?;
                    Some((fields.nth(1)?.parse().ok()?, name.to_owned()))
                })
                .collect()
        };
        Names {
            users: read("/etc/passwd"),
            groups: read("/etc/group"),
        }
    }

    /// The name of a group, or its number where it has none.
    pub(crate) fn group(&self, id: &str) -> String {
        let number = id.parse().ok();
        let name = number.and_then(|number: u64| self.groups.get(&number));
        name.cloned().unwrap_or_else(|| id.to_owned())
    }

    /// `NAME=HEXADECIMAL`, with the accounts of an access list by name.
    pub(crate) fn translate(&self, attribute: &str) -> String {
        let list = attribute
            .split_once('=')
            .filter(|(name, _)| name.starts_with("system.posix_acl_"));
        let Some((name, entries)) =
            list.and_then(|(name, value)| Some((name, value.strip_prefix("02000000")?)))
        else {
            return attribute.to_owned();
        };
        let (entries, rest) = entries.as_bytes().as_chunks::<16>();
        let mut words: Vec<String> = entries
            .iter()
            .map(|entry| {
                let text = String::from_utf8_lossy(entry);
                let (tag, permissions, id) =
                    (number(&text[..4]), number(&text[4..8]), number(&text[8..]));
                let name = match tag {
                    USER => self.users.get(&id),
                    GROUP => self.groups.get(&id),
                    _ => None,
                };
                let name = name.cloned().unwrap_or_else(|| format!("{id:x}"));
                format!("{tag:x}:{name}:{permissions}")
            })
            .collect();
        if !rest.is_empty() {
            words.push(String::from_utf8_lossy(rest).into_owned());
        }
        // The kernel sorts entries of one tag by number.
        words.sort();
        format!("{name}={}", words.join(","))
    }
}

/// The number of little-endian bytes in hexadecimal digits.
fn number(digits: &str) -> u64 {
    let bytes = digits.as_bytes().as_chunks::<2>().0.iter().rev();
    let digits: Vec<u8> = bytes.flatten().copied().collect();
    u64::from_str_radix(&String::from_utf8_lossy(&digits), 16).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_of_access_lists_have_names() {
        let group = |id: u32| {
            let mut survey = Survey::default();
            let text = format!("root:x:0:\nadm:x:{id}:\n");
            survey.files.insert("/etc/group".to_owned(), text);
            survey
        };
        let list = |id: &str| {
            format!("system.posix_acl_access=0200000001000700ffffffff08000500{id}20000500ffffffff")
        };
        let one = Names::of(&group(4)).translate(&list("04000000"));
        assert_eq!(
            one,
            "system.posix_acl_access=1:ffffffff:7,20:ffffffff:5,8:adm:5"
        );
        assert_eq!(Names::of(&group(900)).translate(&list("84030000")), one);
        assert_ne!(Names::of(&group(900)).translate(&list("04000000")), one);
        let other = "security.capability=0100000200200000";
        assert_eq!(Names::of(&group(4)).translate(other), other);
    }
}
