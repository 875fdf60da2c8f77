//! The words of `ferrotran_status.def`.

const LIST: &str = include_str!("../csrc/include/ferrotran_status.def");

/// The words of one status, by its name.
pub(crate) fn text(name: &str) -> &'static str {
    LIST.lines()
        .find(|line| {
            line.strip_prefix("FT_STATUS(")
                .and_then(|rest| rest.strip_prefix(name))
                .is_some_and(|rest| rest.starts_with(','))
        })
        .and_then(|line| line.split('"').nth(1))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_line_has_words() {
        for line in super::LIST.lines().filter(|line| !line.is_empty()) {
            let name = line["FT_STATUS(".len()..]
                .split(',')
                .next()
                .expect("a name");
            assert!(!super::text(name).is_empty(), "{name}");
        }
    }
}
