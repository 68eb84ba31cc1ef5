//! Times as Cosmos chains write them: RFC 3339.

/// Whole seconds since 1970 of a time such as `2024-01-02T03:04:05.678Z`; `None` before 1970 and for what is none.
pub(super) fn unix_seconds(text: &str) -> Option<u64> {
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't'])?;
    let (clock, rest) = rest.split_at_checked(8)?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let valid = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        // A leap second is the last of its minute.
        && second <= 60;
    if !valid {
        return None;
    }
    let fraction =
        rest.strip_prefix('.').map_or(rest, |rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    let offset = match fraction {
        "Z" | "z" => 0,
        _ => {
            let (sign, clock) = fraction.split_at_checked(1)?;
            let (hours, minutes) = clock.split_at_checked(2)?;
            let (hours, minutes) = (number(hours, 2)?, number(minutes.strip_prefix(':')?, 2)?);
            let seconds = i64::try_from((hours * 60 + minutes) * 60).ok()?;
            match sign {
                "+" => seconds,
                "-" => -seconds,
                _ => return None,
            }
        }
    };
    let days = i64::try_from(days_since_1970(year, month, day)).ok()?;
    let seconds = i64::try_from((hour * 60 + minute) * 60 + second).ok()?;
    u64::try_from(days * 86_400 + seconds - offset).ok()
}

fn numbers<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[u64; N]> {
    let parts: Vec<_> = text.split(separator).collect();
    if parts.len() != N {
        return None;
    }
    let values: Option<Vec<_>> =
        parts.iter().zip(digits).map(|(part, digits)| number(part, digits)).collect();
    values?.try_into().ok()
}

fn number(text: &str, digits: usize) -> Option<u64> {
    let plain = text.len() == digits && text.bytes().all(|c| c.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// Of the Gregorian calendar, whose years are counted here from March, so that the leap day is the last.
fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    // From March on, five months have 153 days. 719,468 days lie between March of year 0 and 1970.
    year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::unix_seconds;

    /// Values of `date -u -d … +%s`.
    #[test]
    fn times_should_be_read() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T12:00:00.999999999Z", Some(951_825_600)),
            ("2026-11-22T17:31:31+01:00", Some(1_795_365_091)),
            ("2024-03-01T00:00:00-00:30", Some(1_709_253_000)),
            ("1969-12-31T23:59:59Z", None),
            ("2024-13-01T00:00:00Z", None),
            ("2024-01-01 00:00:00Z", None),
            ("2024-01-01T00:00:00", None),
            ("2024-1-01T00:00:00Z", None),
            ("0001-01-01T00:00:00Z", None),
            ("ä024-01-01T00:00:00Z", None),
            ("", None),
        ] {
            assert_eq!(unix_seconds(text), seconds, "{text}");
        }
    }
}
