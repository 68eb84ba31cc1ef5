//! The times of a certificate, in seconds since 1970 (RFC 5280, 4.1.2.5).

use crate::der::{Der, GENERALIZED_TIME, UTC_TIME};

/// `YYMMDDHHMMSSZ` until 2049, `YYYYMMDDHHMMSSZ` from 2050 on: RFC 5280 knows no others.
pub(crate) fn read(der: &mut Der<'_>) -> Option<u64> {
    match der.tag() {
        UTC_TIME => {
            let text = der.take(UTC_TIME).ok()?;
            let year = number(text.get(..2)?)?;
            seconds(if year < 50 { 2000 + year } else { 1900 + year }, text.get(2..)?)
        }
        GENERALIZED_TIME => {
            let text = der.take(GENERALIZED_TIME).ok()?;
            seconds(number(text.get(..4)?)?, text.get(4..)?)
        }
        _ => None,
    }
}

fn seconds(year: u64, text: &[u8]) -> Option<u64> {
    let (digits, zone) = text.split_at_checked(10)?;
    let mut fields = digits.chunks_exact(2).map(number);
    let (month, day) = (fields.next()??, fields.next()??);
    let (hour, minute, second) = (fields.next()??, fields.next()??, fields.next()??);
    let real = zone == b"Z"
        && year >= 1970
        && (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    real.then(|| ((days_before(year, month) + day - 1) * 24 + hour) * 3600 + minute * 60 + second)
}

fn number(digits: &[u8]) -> Option<u64> {
    digits
        .iter()
        .try_fold(0u64, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u64::from(digit - b'0')))
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_in(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970 to the first of the month. `year` is at most 9999.
fn days_before(year: u64, month: u64) -> u64 {
    let leap_days = |year: u64| year / 4 - year / 100 + year / 400;
    let years = (year - 1970) * 365 + leap_days(year - 1) - leap_days(1969);
    years + (1..month).map(|month| days_in(year, month)).sum::<u64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &[u8]) -> Option<u64> {
        let mut bytes = vec![UTC_TIME, text.len() as u8];
        bytes.extend(text);
        read(&mut Der::new(&bytes))
    }

    fn generalized(text: &[u8]) -> Option<u64> {
        let mut bytes = vec![GENERALIZED_TIME, text.len() as u8];
        bytes.extend(text);
        read(&mut Der::new(&bytes))
    }

    // By `date -u -d … +%s`.
    #[test]
    fn times_should_be_those_of_the_calendar() {
        assert_eq!(utc(b"700101000000Z"), Some(0));
        assert_eq!(utc(b"260205020507Z"), Some(1_770_257_107));
        assert_eq!(utc(b"000229235959Z"), Some(951_868_799));
        assert_eq!(utc(b"480515202521Z"), Some(2_473_187_121));
        assert_eq!(generalized(b"21000301000000Z"), Some(4_107_542_400));
    }

    #[test]
    fn times_that_are_none_should_be_refused() {
        for wrong in [
            &b"260205020507"[..],
            b"260205020507+0000",
            b"261305020507Z",
            b"260005020507Z",
            b"260229020507Z",
            b"260200020507Z",
            b"260205240507Z",
            b"260205026007Z",
            b"260205020560Z",
            b"2602050205Z",
            b"26 205020507Z",
            b"600101000000Z",
            b"",
        ] {
            assert_eq!(utc(wrong), None, "{wrong:?}");
        }
        assert_eq!(generalized(b"21000229000000Z"), None);
        assert_eq!(generalized(b"19690101000000Z"), None);
        assert_eq!(generalized(b"21000301000000.5Z"), None);
    }
}
