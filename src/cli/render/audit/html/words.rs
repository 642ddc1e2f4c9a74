//! Numbers, spans and times, as people read them.

/// `84,211`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `45 s`, `3 m 20 s`, `2 h 5 m`, `3 d 4 h`; it does not break over lines.
pub fn span(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    let two = |first: u64, one: &str, second: u64, other: &str| match second {
        0 => format!("{first}\u{a0}{one}"),
        _ => format!("{first}\u{a0}{one}\u{a0}{second}\u{a0}{other}"),
    };
    match seconds {
        0..60 => format!("{seconds}\u{a0}s"),
        60..3_600 => two(minutes, "m", seconds % 60, "s"),
        3_600..86_400 => two(hours, "h", minutes % 60, "m"),
        _ => two(days, "d", hours % 24, "h"),
    }
}

/// `2026-11-22 09:00:04`, in UTC as everywhere on the page.
pub fn time(text: &str) -> String {
    text.trim_end_matches('Z').replace('T', " ")
}

/// The first digits of an id, commit or digest: enough for every verb.
pub fn short(id: &str) -> String {
    id.chars().take(12).collect()
}

/// `1 request`, `2 requests`.
pub fn many(count: u64, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {one}{plural}", grouped(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_people_read_them() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 m"),
            (200, "3 m 20 s"),
            (3_600, "1 h"),
            (7_500, "2 h 5 m"),
            (86_400, "1 d"),
            (273_700, "3 d 4 h"),
        ] {
            assert_eq!(span(seconds), text.replace(' ', "\u{a0}"));
        }
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(time("2026-11-22T09:00:04Z"), "2026-11-22 09:00:04");
    }
}
