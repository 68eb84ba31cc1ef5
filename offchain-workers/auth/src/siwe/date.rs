//! Dates of RFC 3339.

use time::{format_description::well_known::Rfc3339, OffsetDateTime};

/// Seconds since 1970; `None` for what is no date of RFC 3339, or before 1970. A fraction is cut off.
pub(crate) fn parse(text: &str) -> Option<u64> {
    // The library also takes signs and years of more digits in other formats; the length of a date is fixed up to the
    // fraction, and the separator is `T`.
    if text.len() > 40 || text.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    let date = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    u64::try_from(date.unix_timestamp()).ok()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn dates_should_be_those_of_rfc_3339() {
        assert_eq!(parse("1970-01-01T00:00:01Z"), Some(1));
        assert_eq!(parse("2022-06-21T12:00:00.000Z"), Some(1_655_812_800));
        assert_eq!(parse("2022-06-21T14:00:00.999+02:00"), Some(1_655_812_800));
        for bad in [
            "",
            "2022-06-21",
            "2022-06-21T12:00:00",
            "2022-06-21 12:00:00Z",
            "2022-13-21T12:00:00Z",
            "2022-02-30T12:00:00Z",
            "2022-06-21T25:00:00Z",
            "2022-06-21T12:00:00.Z",
            "2022-06-21T12:00:00+99:00",
            "+002022-06-21T12:00:00Z",
            "1969-12-31T23:59:59Z",
            "2022-06-21T12:00:00Z ",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
