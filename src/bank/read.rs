//! From the text of a bank to the bank, or to every fault that stands against it.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use rust_stemmers::{Algorithm, Stemmer};
use toml::de::{DeTable, DeValue};

use super::fault::Faults;
use super::find::did_you_mean;
use super::table::{BANK, CONCEPT, QUESTION, Table, Text, found};
use super::{Bank, Checked, Concept, Kind, Question, SCHEMA};

/// Answers shorter than this are no answers, and longer ones no interview: bounds of plausibility, in seconds.
const TARGET_S: std::ops::RangeInclusive<f64> = 10.0..=600.0;

/// From three examples on, the likeness of an answer is not the likeness to one author's turn of phrase.
const FEWEST_EXAMPLES: usize = 3;

pub(super) fn read(text: &str, name: &str) -> Checked {
    let mut faults = Faults::new(text);
    let (root, errors) = DeTable::parse_recoverable(text);
    let lenient = !errors.is_empty();
    let mut reported = HashSet::new();
    for error in &errors {
        let at = error.span().unwrap_or(text.len()..text.len());
        // what follows a syntax error on its line is mostly its consequence
        if reported.insert(faults.line(&at)) {
            let fix = syntax_fix(error.message());
            faults.error(&at, format!("this is not TOML: {}", error.message()), fix);
        }
    }
    let mut reader = Reader { faults, lenient, stemmer: Stemmer::create(Algorithm::English) };
    let bank = reader.bank(root.get_ref(), name);
    let failed = reader.faults.any_error();
    let mut faults = reader.faults.finish();
    if lenient {
        // a line that could not be read is reported once, as such
        faults.retain(|fault| fault.message.starts_with("this is not TOML") || !reported.contains(&fault.line));
    }
    Checked { bank: bank.filter(|_| !failed), faults }
}

/// What to do about a syntax error, by the words of the TOML parser.
fn syntax_fix(message: &str) -> &'static str {
    if message.contains("duplicate key") {
        "keep one of the two; a new question begins with [[question]], a new concept with [[question.concept]]"
    } else if message.contains("string") || message.contains("quote") {
        "put texts between quotes: \"one line\" or \"\"\"several lines\"\"\"; inside \"…\", write \\\" for a quote"
    } else if message.contains("array") || message.contains("`]`") {
        "write lists as [\"one\", \"two\"], with a comma between texts and a closing bracket"
    } else {
        "write `field = \"text\"`, one field a line; the format is shown in questions/README.md"
    }
}

struct Reader<'s> {
    faults: Faults<'s>,
    lenient: bool,
    stemmer: Stemmer,
}

impl Reader<'_> {
    fn bank(&mut self, root: &DeTable<'_>, name: &str) -> Option<Bank> {
        let faults = &mut self.faults;
        let table = Table::new(&BANK, root, 0..0, self.lenient, faults);
        let schema = table.text("schema", "schema = \"viva.bank/1\"", faults);
        if let Some((schema, at)) = &schema
            && schema != SCHEMA
        {
            let message = format!("`schema` is {schema:?}, expected {SCHEMA:?}");
            faults.error(
                at,
                message,
                format!("write schema = {SCHEMA:?}, or use the version of Viva that the bank is for"),
            );
        }
        let id = table.text("id", "id = \"my-questions\"", faults);
        if let Some(id) = &id {
            self.check_id(id);
            self.check_file_name(id, name);
        }
        let faults = &mut self.faults;
        let title = table.text("title", "title = \"My questions\"", faults);
        let source = match table.optional("source") {
            Some(_) => table.text("source", "source = \"my own; CC0\"", faults),
            None => None,
        };
        let entries = table.tables("question", &QUESTION, faults);
        if entries.is_empty()
            && !self.lenient
            && table.optional("question").is_none_or(|value| value.get_ref().is_array())
        {
            faults.error(&table.at, "the bank has no question", "add one that begins with [[question]]");
        }
        let questions: Vec<_> = entries.into_iter().map(|(entry, at)| self.question(entry, at)).collect();
        self.check_unique(questions.iter().map(|(id, _)| id), "question", "bank");
        Some(Bank {
            schema: schema?.0,
            id: id?.0,
            title: title?.0,
            source: source.map(|(source, _)| source),
            questions: questions.into_iter().map(|(_, question)| question).collect::<Option<_>>()?,
        })
    }

    fn question(&mut self, entry: &DeTable<'_>, at: Range<usize>) -> (Option<Text>, Option<Question>) {
        let faults = &mut self.faults;
        let table = Table::new(&QUESTION, entry, at, self.lenient, faults);
        let id = table.text("id", "id = \"sql-vs-nosql\"", faults);
        let kind = kind(&table, faults);
        let prompt = table.text("prompt", "prompt = \"When would you choose SQL over NoSQL?\"", faults);
        let why = table.text("why", "why = \"They want to see …\"", faults);
        let advice = table.text("advice", "advice = \"Name a default first, then …\"", faults);
        let target_s = target_s(&table, faults);
        let model_answer = table.text("model_answer", "model_answer = \"I'd start with …\"", faults);
        let entries = table.tables("concept", &CONCEPT, faults);
        if entries.is_empty()
            && !self.lenient
            && table.optional("concept").is_none_or(|value| value.get_ref().is_array())
        {
            let message = "a question has no concept, so that no answer to it can be judged";
            faults.error(&table.at, message, "add one that begins with [[question.concept]]");
        }
        if let Some(id) = &id {
            self.check_id(id);
        }
        let mut cues = CuesSeen::default();
        if let Some((prompt, _)) = &prompt {
            cues.prompt = self.stems(prompt);
        }
        let concepts: Vec<_> = entries.into_iter().map(|(entry, at)| self.concept(entry, at, &mut cues)).collect();
        self.check_unique(concepts.iter().map(|(id, _)| id), "concept", "question");
        let concepts: Option<Vec<Concept>> = concepts.into_iter().map(|(_, concept)| concept).collect();
        let question = (|| {
            Some(Question {
                id: id.as_ref()?.0.clone(),
                kind: kind?,
                prompt: prompt?.0,
                why: why?.0,
                advice: advice?.0,
                target_s: target_s?,
                model_answer: model_answer?.0,
                concepts: concepts?,
            })
        })();
        (id, question)
    }

    fn concept(
        &mut self,
        entry: &DeTable<'_>,
        at: Range<usize>,
        seen: &mut CuesSeen,
    ) -> (Option<Text>, Option<Concept>) {
        const CUES: &str = "cues = [\"connection pool\", \"pooling\"]";
        const EXAMPLES: &str = "examples = [\"I'd put a pool in front of the database.\"]";
        let faults = &mut self.faults;
        let table = Table::new(&CONCEPT, entry, at, self.lenient, faults);
        let id = table.text("id", "id = \"connection-pool\"", faults);
        let label = table.text("label", "label = \"Pool the connections\"", faults);
        let means = table.text("means", "means = \"The speaker puts a pool in front of the database.\"", faults);
        let follow_up = table.text("follow_up", "follow_up = \"What happens at ten thousand connections?\"", faults);
        let cues_there = table.required("cues", CUES, faults).is_some();
        let cues = table.texts("cues", CUES, faults);
        if cues_there && cues.as_ref().is_some_and(Vec::is_empty) && !self.lenient {
            faults.error(
                &table.at,
                "a concept has no cue, so that no word of an answer can name it",
                format!("write {CUES}"),
            );
        }
        let examples_there = table.required("examples", EXAMPLES, faults).map(toml::Spanned::span);
        let examples = table.texts("examples", EXAMPLES, faults);
        if let (Some(at), Some(examples)) = (examples_there, &examples)
            && examples.len() < FEWEST_EXAMPLES
        {
            let message = format!("{} of {FEWEST_EXAMPLES} or more examples", examples.len());
            faults.warning(&at, message, "add sentences that cover the concept in words as different as people speak");
        }
        let contrasts = table.texts("contrasts", "contrasts = [\"We never needed a pool.\"]", faults);
        if let Some(id) = &id {
            self.check_id(id);
        }
        let concept_name = id.as_ref().map_or("?", |(id, _)| id.as_str()).to_owned();
        for cue in cues.iter().flatten() {
            self.check_cue(cue, &concept_name, seen);
        }
        let plain = |texts: Option<Vec<Text>>| texts.map(|texts| texts.into_iter().map(|(text, _)| text).collect());
        let concept = (|| {
            Some(Concept {
                id: id.as_ref()?.0.clone(),
                label: label?.0,
                means: means?.0,
                cues: plain(cues)?,
                examples: plain(examples)?,
                contrasts: plain(contrasts).unwrap_or_default(),
                follow_up: follow_up?.0,
            })
        })();
        (id, concept)
    }

    fn check_id(&mut self, (id, at): &Text) {
        let part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        if id.split('-').all(part) {
            return;
        }
        let parts: Vec<String> = id
            .to_lowercase()
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
        let fix = if parts.is_empty() { "my-questions".to_owned() } else { parts.join("-") };
        let message = format!("the id {id:?} is not written in lower-case letters, digits and single hyphens");
        self.faults.error(at, message, format!("write id = \"{fix}\""));
    }

    fn check_file_name(&mut self, (id, at): &Text, name: &str) {
        let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
        if let Some(stem) = file.strip_suffix(".toml")
            && stem != id
        {
            let message = format!("the bank is called {id:?} and its file {file:?}");
            self.faults.warning(at, message, "give both the same name, so that the bank is found by it");
        }
    }

    fn check_unique<'i>(&mut self, ids: impl Iterator<Item = &'i Option<Text>>, what: &str, whole: &str) {
        let mut first: HashMap<&str, usize> = HashMap::new();
        for (id, at) in ids.flatten() {
            if let Some(line) = first.get(id.as_str()) {
                let message = format!("the {what} id {id:?} stands twice in the {whole}, first in line {line}");
                self.faults.error(at, message, format!("give every {what} of the {whole} a name of its own"));
            } else {
                first.insert(id, self.faults.line(at));
            }
        }
    }

    /// A cue that names two concepts tells neither; one that stands in the prompt is said by whoever repeats it.
    fn check_cue(&mut self, (cue, at): &Text, concept: &str, seen: &mut CuesSeen) {
        let stems = self.stems(cue);
        if stems.is_empty() {
            let message = format!("the cue {cue:?} holds no letter or digit, so that it matches nothing");
            self.faults.warning(at, message, "write the words that a speaker would say");
            return;
        }
        if seen.prompt.windows(stems.len()).any(|window| window == stems) {
            let message = format!("the cue {cue:?} stands in the prompt, so that repeating the question matches it");
            self.faults.warning(at, message, "choose a cue that only an answer holds");
        }
        match seen.owners.get(&stems) {
            // singular and plural side by side are a thorough author's, and do no harm
            Some((owner, _)) if owner == concept => {}
            Some((owner, line)) => {
                let message = format!("the cue {cue:?} also names the concept {owner:?} (line {line}, by its stems)");
                self.faults.warning(at, message, "keep it where it belongs, and use other words in the other concept");
            }
            None => {
                let line = self.faults.line(at);
                seen.owners.insert(stems, (concept.to_owned(), line));
            }
        }
    }

    /// Words in lower case, by their stems (Porter 2): how cues are matched.
    fn stems(&self, text: &str) -> Vec<String> {
        text.to_lowercase()
            .split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '’'))
            .map(|word| word.replace('’', "'"))
            .filter(|word| word.chars().any(char::is_alphanumeric))
            .map(|word| self.stemmer.stem(&word).into_owned())
            .collect()
    }
}

/// The cues of a question so far, by their stems, with the concept and the line of each.
#[derive(Default)]
struct CuesSeen {
    prompt: Vec<String>,
    owners: HashMap<Vec<String>, (String, usize)>,
}

fn kind(table: &Table<'_, '_>, faults: &mut Faults<'_>) -> Option<Kind> {
    const KINDS: [&str; 2] = ["technical", "behavioural"];
    let (kind, at) = table.text("kind", "kind = \"technical\"", faults)?;
    match kind.as_str() {
        "technical" => Some(Kind::Technical),
        "behavioural" => Some(Kind::Behavioural),
        _ => {
            let near = did_you_mean(&kind, KINDS);
            let fix = near
                .first()
                .map_or_else(|| "write one of the two".to_owned(), |near| format!("did you mean {near:?}?"));
            faults.error(&at, format!("`kind` is {kind:?}, expected \"technical\" or \"behavioural\""), fix);
            None
        }
    }
}

fn target_s(table: &Table<'_, '_>, faults: &mut Faults<'_>) -> Option<f64> {
    let value = table.required("target_s", "target_s = 90", faults)?;
    let number = match value.get_ref() {
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(|number| number as f64)
        }
        DeValue::Float(number) => number.as_str().parse::<f64>().ok(),
        _ => None,
    };
    match number {
        Some(number) if TARGET_S.contains(&number) => Some(number),
        _ => {
            let (least, most) = (TARGET_S.start(), TARGET_S.end());
            let message = format!("`target_s` is {}, expected seconds from {least} to {most}", found(value.get_ref()));
            faults.error(&value.span(), message, "write the length of a good answer in seconds: target_s = 90");
            None
        }
    }
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
