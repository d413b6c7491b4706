//! Values in the forms of Go, in which clients write them.

/// Reads a boolean as Go's `strconv.ParseBool` does; `None` if it is not one.
pub(crate) fn parse_boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}
