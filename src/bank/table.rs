//! Fields of TOML tables, read so that every fault is named with its place.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::Faults;
use super::find::did_you_mean;

/// What kind of table is read, and which fields it may have.
pub(super) struct Form {
    /// Its name with an article: "a question".
    pub(super) what: &'static str,
    /// How it is opened in the file: `[[question]]`.
    pub(super) header: &'static str,
    pub(super) fields: &'static [&'static str],
}

/// The top of the file.
pub(super) const BANK: Form =
    Form { what: "the bank", header: "the top of the file", fields: &["schema", "id", "title", "source", "question"] };
/// One question.
pub(super) const QUESTION: Form = Form {
    what: "a question",
    header: "[[question]]",
    fields: &["id", "kind", "prompt", "why", "advice", "target_s", "model_answer", "concept"],
};
/// One concept.
pub(super) const CONCEPT: Form = Form {
    what: "a concept",
    header: "[[question.concept]]",
    fields: &["id", "label", "means", "cues", "examples", "contrasts", "follow_up"],
};

/// A text of the bank and where it stands.
pub(super) type Text = (String, Range<usize>);

/// A table being read.
pub(super) struct Table<'a, 't> {
    pub(super) form: &'static Form,
    entries: &'a DeTable<'t>,
    /// Where it is opened.
    pub(super) at: Range<usize>,
    /// Fields that were meant by a misspelt one: not reported as missing on top of it.
    meant: Vec<String>,
    /// The file has syntax errors, so that what is missing may only be unreadable.
    lenient: bool,
}

impl<'a, 't> Table<'a, 't> {
    /// Takes a table and reports its unknown fields.
    pub(super) fn new(
        form: &'static Form,
        table: &'a DeTable<'t>,
        at: Range<usize>,
        lenient: bool,
        faults: &mut Faults<'_>,
    ) -> Self {
        let mut meant = Vec::new();
        for key in table.keys() {
            let name: &str = key.get_ref();
            if form.fields.contains(&name) {
                continue;
            }
            let near = did_you_mean(name, form.fields.iter().copied().filter(|field| !table.contains_key(*field)));
            let elsewhere = [&BANK, &QUESTION, &CONCEPT].into_iter().find(|other| other.fields.contains(&name));
            let fix = match (near.first(), elsewhere) {
                (_, Some(other)) => format!("move it to {} ({})", other.what, other.header),
                (Some(near), None) => format!("did you mean `{near}`?"),
                (None, None) => format!("remove it; the fields of {} are {}", form.what, form.fields.join(", ")),
            };
            if elsewhere.is_none() {
                meant.extend(near.into_iter().take(1));
            }
            faults.error(&key.span(), format!("unknown field {name:?} in {}", form.what), fix);
        }
        Self { form, entries: table, at, meant, lenient }
    }

    /// The value of a field that must be there; reports it when it is not.
    pub(super) fn required(
        &self,
        field: &str,
        example: &str,
        faults: &mut Faults<'_>,
    ) -> Option<&'a Spanned<DeValue<'t>>> {
        let value = self.optional(field);
        if value.is_none() && !self.lenient && !self.meant.iter().any(|meant| meant == field) {
            let fix = format!("add it below {}, for example: {example}", self.form.header);
            faults.error(&self.at, format!("{} has no `{field}`", self.form.what), fix);
        }
        value
    }

    /// The value of a field that may be there.
    pub(super) fn optional(&self, field: &str) -> Option<&'a Spanned<DeValue<'t>>> {
        self.entries.get(field)
    }

    /// A text that must be there and say something.
    pub(super) fn text(&self, field: &str, example: &str, faults: &mut Faults<'_>) -> Option<Text> {
        let value = self.required(field, example, faults)?;
        text_of(value, &format!("`{field}`"), example, faults)
    }

    /// A list of texts; `None` when the field is not there or no list.
    pub(super) fn texts(&self, field: &str, example: &str, faults: &mut Faults<'_>) -> Option<Vec<Text>> {
        let value = self.optional(field)?;
        let Some(array) = value.get_ref().as_array() else {
            let found = found(value.get_ref());
            faults.error(
                &value.span(),
                format!("`{field}` is {found}, expected a list of texts"),
                format!("write {example}"),
            );
            return None;
        };
        let one = format!("each of `{field}`");
        Some(array.iter().filter_map(|item| text_of(item, &one, "\"…\"", faults)).collect())
    }

    /// The tables of an array of tables, each with its place; reports what is no table.
    pub(super) fn tables(
        &self,
        field: &str,
        form: &'static Form,
        faults: &mut Faults<'_>,
    ) -> Vec<(&'a DeTable<'t>, Range<usize>)> {
        let Some(value) = self.optional(field) else { return Vec::new() };
        let fix = format!("open each one with {} on a line of its own", form.header);
        let Some(array) = value.get_ref().as_array() else {
            let found = found(value.get_ref());
            faults.error(&value.span(), format!("`{field}` is {found}, expected {}", form.header), fix);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in array {
            if let Some(table) = item.get_ref().as_table() {
                tables.push((table, item.span()));
            } else {
                let found = found(item.get_ref());
                faults.error(&item.span(), format!("`{field}` holds {found}, expected {}", form.header), fix.clone());
            }
        }
        tables
    }
}

fn text_of(value: &Spanned<DeValue<'_>>, what: &str, example: &str, faults: &mut Faults<'_>) -> Option<Text> {
    let at = value.span();
    let Some(text) = value.get_ref().as_str() else {
        let found = found(value.get_ref());
        faults.error(&at, format!("{what} is {found}, expected a text in quotes"), format!("write {example}"));
        return None;
    };
    if text.trim().is_empty() {
        faults.error(&at, format!("{what} is empty, expected a text that says something"), format!("write {example}"));
        return None;
    }
    if let Some(control) = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        let code = u32::from(control);
        faults.error(&at, format!("{what} holds the control character U+{code:04X}, expected plain text"), "remove it");
        return None;
    }
    Some((text.to_owned(), at))
}

/// A value by its kind, for people, and itself when it is short.
pub(super) fn found(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) if text.chars().count() <= 40 => format!("the text {text:?}"),
        DeValue::String(_) => "a long text".to_owned(),
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {number}"),
        DeValue::Boolean(truth) => format!("`{truth}`"),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}
