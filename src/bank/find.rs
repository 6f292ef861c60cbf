use super::{Bank, Question};

/// The likeness (Jaro-Winkler, 0 to 1) from which a name is offered as what was meant. Below it, offers are noise.
const LIKE_ENOUGH: f64 = 0.8;

/// How many names are offered at most.
const OFFERS: usize = 3;

/// Why a question was not found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FindError {
    /// No bank has this id.
    #[error("there is no question bank {asked:?}{}; `viva questions list` shows what there is", offer(near))]
    UnknownBank {
        /// The id that was asked for.
        asked: String,
        /// Ids that look like it, the likest first.
        near: Vec<String>,
    },
    /// No question has this id.
    #[error("there is no question {asked:?}{}{}; `viva questions list` shows what there is",
        bank.as_ref().map(|bank| format!(" in the bank {bank:?}")).unwrap_or_default(), offer(near))]
    UnknownQuestion {
        /// The bank that was searched; `None` for all of them.
        bank: Option<String>,
        /// The id that was asked for.
        asked: String,
        /// Ids that look like it, the likest first.
        near: Vec<String>,
    },
    /// Several banks have a question of this id.
    #[error("the question {asked:?} stands in several banks; say which: {}", choices.join(", "))]
    Ambiguous {
        /// The id that was asked for.
        asked: String,
        /// The question in each bank, as `bank/question`.
        choices: Vec<String>,
    },
}

fn offer(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!(" (did you mean {}?)", near.join(" or ")) }
}

/// Names that look like the one asked for, the likest first, at most three.
pub(crate) fn did_you_mean<'n>(asked: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let asked = asked.to_lowercase();
    let mut near: Vec<(f64, &str)> = names
        .into_iter()
        .map(|name| {
            // part of a long id is what people remember of it
            let part = asked.chars().count() >= 4 && name.contains(&asked);
            (if part { 1.0 } else { strsim::jaro_winkler(&asked, &name.to_lowercase()) }, name)
        })
        .filter(|(likeness, _)| *likeness >= LIKE_ENOUGH)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    near.dedup_by(|a, b| a.1 == b.1);
    near.into_iter().take(OFFERS).map(|(_, name)| name.to_owned()).collect()
}

/// Finds a question by what a user types: its id, or `bank/question`. With `bank`, only that bank is searched.
///
/// # Errors
/// [`FindError`] when the bank or the question is not there, with the names that look like it, or when several banks
/// have a question of that id and none was named.
pub fn find_question<'b>(
    banks: &'b [Bank],
    bank: Option<&str>,
    id: &str,
) -> Result<(&'b Bank, &'b Question), FindError> {
    let (bank, id) = match (bank, id.split_once('/')) {
        (None, Some((bank, id))) => (Some(bank), id),
        // with both, the bank in the id must be the one that was named
        (Some(named), Some((bank, rest))) if named == bank => (Some(bank), rest),
        (bank, _) => (bank, id),
    };
    let searched: Vec<&Bank> = match bank {
        None => banks.iter().collect(),
        Some(asked) => vec![find_bank(banks, asked)?],
    };
    let found: Vec<_> = searched
        .iter()
        .flat_map(|bank| bank.questions.iter().map(|question| (*bank, question)))
        .filter(|(_, question)| question.id == id)
        .collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(FindError::UnknownQuestion {
            bank: bank.map(str::to_owned),
            asked: id.to_owned(),
            near: did_you_mean(
                id,
                searched.iter().flat_map(|bank| &bank.questions).map(|question| question.id.as_str()),
            ),
        }),
        several => Err(FindError::Ambiguous {
            asked: id.to_owned(),
            choices: several.iter().map(|(bank, question)| format!("{}/{}", bank.id, question.id)).collect(),
        }),
    }
}

/// Finds a bank by its id.
///
/// # Errors
/// [`FindError::UnknownBank`] with the names that look like it.
pub fn find_bank<'b>(banks: &'b [Bank], id: &str) -> Result<&'b Bank, FindError> {
    banks.iter().find(|bank| bank.id == id).ok_or_else(|| FindError::UnknownBank {
        asked: id.to_owned(),
        near: did_you_mean(id, banks.iter().map(|bank| bank.id.as_str())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::Kind;

    fn bank(id: &str, questions: &[&str]) -> Bank {
        let question = |id: &&str| Question {
            id: (*id).to_owned(),
            kind: Kind::Technical,
            prompt: String::new(),
            why: String::new(),
            advice: String::new(),
            target_s: 90.0,
            model_answer: String::new(),
            concepts: Vec::new(),
        };
        Bank {
            schema: super::super::SCHEMA.to_owned(),
            id: id.to_owned(),
            title: String::new(),
            source: None,
            questions: questions.iter().map(question).collect(),
        }
    }

    #[test]
    fn a_question_is_found_by_id_and_by_bank_and_id() {
        let banks = [bank("systems", &["sql-vs-nosql", "on-call"]), bank("people", &["on-call", "conflict"])];
        let id =
            |bank, id| find_question(&banks, bank, id).map(|(bank, question)| format!("{}/{}", bank.id, question.id));
        assert_eq!(id(None, "conflict").unwrap(), "people/conflict");
        assert_eq!(id(None, "systems/on-call").unwrap(), "systems/on-call");
        assert_eq!(id(Some("people"), "on-call").unwrap(), "people/on-call");
        assert_eq!(id(Some("people"), "people/on-call").unwrap(), "people/on-call");
        assert!(id(Some("people"), "systems/on-call").is_err());
        assert_eq!(
            id(None, "on-call").unwrap_err().to_string(),
            "the question \"on-call\" stands in several banks; say which: systems/on-call, people/on-call"
        );
    }

    #[test]
    fn what_is_not_there_is_answered_with_what_was_meant() {
        let banks = [bank("systems", &["sql-vs-nosql", "production-vpc-layout"])];
        let error = |bank, id| find_question(&banks, bank, id).unwrap_err().to_string();
        assert_eq!(
            error(None, "sql-vs-nosq"),
            "there is no question \"sql-vs-nosq\" (did you mean sql-vs-nosql?); `viva questions list` shows what there is"
        );
        assert!(error(None, "layout").contains("did you mean production-vpc-layout?"));
        assert!(error(Some("system"), "x").contains("no question bank \"system\" (did you mean systems?)"));
        assert!(error(Some("systems"), "zzz").starts_with("there is no question \"zzz\" in the bank \"systems\"; "));
        // what the user types never reaches the screen raw
        assert!(!error(None, "\u{1b}[31m").contains('\u{1b}'));
    }
}
