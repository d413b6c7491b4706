//! The ids that an extension asks for by number.

use std::collections::BTreeSet;

use plan::Planned;

/// The numbers that stand in the commands, the parameters and the owners of an extension.
///
/// An account of a step with such an id has it because somebody asked for it (`useradd --uid 990`), and may not be given
/// another one. A number that means something else does no harm: its account keeps an id that the system chose.
pub(crate) fn asked_ids(extension: &Planned) -> Vec<u32> {
    let steps = extension.steps.iter().map(|step| step.run.as_str());
    let parameters = extension.parameters.values().map(String::as_str);
    let mut ids: BTreeSet<u32> = steps.chain(parameters).flat_map(numbers).collect();
    ids.extend(
        extension
            .files
            .iter()
            .flat_map(|file| [file.owner.0, file.owner.1]),
    );
    // Nobody has to ask for root.
    ids.remove(&0);
    ids.into_iter().collect()
}

/// The decimal numbers in a text that could be ids.
fn numbers(text: &str) -> impl Iterator<Item = u32> {
    let runs = text.split(|letter: char| !letter.is_ascii_digit());
    runs.filter_map(|digits| digits.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn numbers_are_found_in_options_of_any_form() {
        let text = "useradd -u990 web && groupadd --gid=991 x; chown 5:6 /y # 99999999999";
        assert_eq!(numbers(text).collect::<Vec<_>>(), [990, 991, 5, 6]);
    }
}
