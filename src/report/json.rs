//! `viva.feedback/1` as text: one document, or one line for each answer.

use serde::Serialize;

/// One JSON document, indented, with a newline at its end. Fields stand in the contract's order, so that the same
/// feedback gives the same bytes.
///
/// # Errors
/// [`serde_json::Error`] when the value cannot be written as JSON; feedback always can.
pub fn document<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<String> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}

/// One JSON object on one line, with a newline at its end.
///
/// # Errors
/// [`serde_json::Error`] when the value cannot be written as JSON; feedback always can.
pub fn line<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<String> {
    let mut text = serde_json::to_string(value)?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feedback::Feedback;
    use crate::report::sample;

    #[test]
    fn a_document_reads_back_as_the_feedback_it_was() {
        let feedback = sample::rich();
        let text = document(&feedback).unwrap();
        assert!(text.ends_with("}\n") && text.starts_with("{\n  \"schema\": \"viva.feedback/1\""));
        assert_eq!(serde_json::from_str::<Feedback>(&text).unwrap(), feedback);
        assert_eq!(document(&feedback).unwrap(), text);
    }

    #[test]
    fn a_line_is_one_line_and_what_was_not_measured_is_null() {
        let text = line(&sample::transcript_only()).unwrap();
        assert_eq!(text.matches('\n').count(), 1);
        assert!(text.contains("\"speech_rate_wpm\":null") && !text.contains("NaN"));
    }
}
