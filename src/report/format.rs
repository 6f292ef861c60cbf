//! Numbers as people read them. What is no finite number is `None`, as what was not measured.

/// A moment as minutes and seconds, `1:05`; hours in front when there are any.
pub fn clock(seconds: f64) -> String {
    let whole = if seconds.is_finite() { seconds.max(0.0).floor() as u64 } else { return "–".to_owned() };
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A length with tenths of a second: `47.1 s`, `1 min 32.4 s`.
pub fn length(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "–".to_owned();
    }
    let tenths = (seconds.max(0.0) * 10.0).round() as u64;
    let (minutes, rest) = (tenths / 600, tenths % 600);
    let seconds = format!("{}.{} s", rest / 10, rest % 10);
    if minutes > 0 { format!("{minutes} min {seconds}") } else { seconds }
}

/// A measured number with its decimals and unit.
pub(super) fn measured(value: Option<f64>, decimals: usize, unit: &str) -> Option<String> {
    let value = value.filter(|value| value.is_finite())?;
    // no "-0.0" for what rounds to zero
    let text = format!("{value:.decimals$}");
    let zero = text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.');
    let text = if zero { text.trim_start_matches('-').to_owned() } else { text.replace('-', "−") };
    Some(if unit.is_empty() { text } else { format!("{text} {unit}") })
}

/// A share of 0 to 1 as per cent.
pub(super) fn percent(share: f64) -> String {
    if share.is_finite() { format!("{:.0} %", (share * 100.0).abs()) } else { "–".to_owned() }
}

/// A count with its noun.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_rounded_down_and_lengths_to_tenths() {
        assert_eq!(clock(0.0), "0:00");
        assert_eq!(clock(65.9), "1:05");
        assert_eq!(clock(3_725.0), "1:02:05");
        assert_eq!(length(59.96), "1 min 0.0 s");
        assert_eq!(length(92.34), "1 min 32.3 s");
        assert_eq!(length(0.04), "0.0 s");
        assert_eq!(clock(f64::NAN), "–");
        assert_eq!(clock(-3.0), "0:00");
    }

    #[test]
    fn what_is_no_number_was_not_measured() {
        assert_eq!(measured(None, 1, "s"), None);
        assert_eq!(measured(Some(f64::NAN), 1, "s"), None);
        assert_eq!(measured(Some(f64::INFINITY), 1, "s"), None);
        assert_eq!(measured(Some(-0.01), 1, "dB").as_deref(), Some("0.0 dB"));
        assert_eq!(measured(Some(-23.04), 1, "dBFS").as_deref(), Some("−23.0 dBFS"));
        assert_eq!(measured(Some(143.4), 0, "").as_deref(), Some("143"));
    }
}
