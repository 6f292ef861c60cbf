use super::{Bank, BankErrors};

/// File name and text of each bank that comes with Viva.
const TEXTS: [(&str, &str); 1] =
    [("lead-systems-engineer.toml", include_str!("../../questions/lead-systems-engineer.toml"))];

/// Id of the bank that is used when none is named.
pub const DEFAULT: &str = "lead-systems-engineer";

/// The banks that come with Viva, in a fixed order.
///
/// # Errors
/// [`BankErrors`] when one of them is faulty, which the tests of this module rule out for a released program.
pub fn banks() -> Result<Vec<Bank>, BankErrors> {
    TEXTS.iter().map(|(name, text)| Bank::parse(text, name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::{Severity, check};

    #[test]
    fn every_built_in_bank_is_without_errors_and_complete() {
        let banks = banks().unwrap();
        let bank = banks.iter().find(|bank| bank.id == DEFAULT).unwrap();
        assert_eq!(bank.questions.len(), 24);
        assert!(bank.questions.iter().all(|question| question.concepts.len() >= 4));
    }

    #[test]
    fn built_in_banks_stand_under_their_own_names() {
        for (name, text) in TEXTS {
            let checked = check(text, name);
            assert!(checked.faults.iter().all(|fault| fault.severity == Severity::Warning), "{:#?}", checked.faults);
            assert_eq!(checked.bank.map(|bank| format!("{}.toml", bank.id)).as_deref(), Some(name));
        }
    }
}
