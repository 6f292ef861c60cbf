use anstyle::{AnsiColor, Style};

use super::figures::{self, Figure};
use super::flow::{self, Piece};
use super::format::{clock, counted, measured, percent};
use super::page::{BOLD, DIM, Page, styled};
use super::{clean, texts};
use crate::feedback::{
    ConceptStatus, Coverage, Feedback, FillerEvidence, FillerKind, Fillers, Quote, Status, Structure,
};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const REPAIR: Style = Style::new().underline();

/// Column in which names of figures end and values begin.
const VALUE_COLUMN: usize = 24;

/// Column in which values end and plain words begin; narrow terminals put these on a line of their own.
const PLAIN_COLUMN: usize = 48;

/// Moments of one kind of filler that are listed before the rest is only counted.
const MOST_MOMENTS: usize = 24;

/// A report for a terminal of `width` columns, with ANSI styles; print it through `anstream`, which takes them out where
/// they are not wanted. Nothing in it depends on colour alone. Lines are never wider than `width` (40 at the least), and
/// never than 100, which is as wide as text is read with ease.
pub fn terminal(feedback: &Feedback, width: usize) -> String {
    let mut page = Page::new(width);
    if feedback.quality.status == Status::Unscorable {
        headline(&mut page, feedback);
        unscorable(&mut page, feedback);
        return page.finish();
    }
    warnings(&mut page, feedback);
    headline(&mut page, feedback);
    advice(&mut page, feedback);
    timing(&mut page, feedback);
    fillers(&mut page, &feedback.fillers);
    coverage(&mut page, feedback.coverage.as_ref());
    if let Some(kept) = &feedback.structure {
        structure(&mut page, kept);
    }
    if let Some(delivery) = &feedback.delivery {
        page.heading("Delivery", "");
        figure_rows(&mut page, &figures::delivery(delivery));
        for rush in &delivery.rushing {
            let tempo = measured(Some(rush.wpm), 0, "words a minute").unwrap_or_default();
            page.item("  ", &format!("Rushed from {} to {}: {tempo}.", clock(rush.start_s), clock(rush.end_s)));
        }
    }
    transcript(&mut page, feedback);
    page.finish()
}

fn warnings(page: &mut Page, feedback: &Feedback) {
    if feedback.quality.issues.is_empty() {
        return;
    }
    page.heading("Before you trust the figures", "");
    for issue in &feedback.quality.issues {
        page.item(&format!("  {} ", styled(WARN, "!")), &clean(&issue.message));
    }
}

fn unscorable(page: &mut Page, feedback: &Feedback) {
    page.heading("This recording cannot be judged", "");
    for issue in &feedback.quality.issues {
        page.item(&format!("  {} ", styled(BAD, "✗")), &clean(&issue.message));
    }
    if feedback.quality.issues.is_empty() {
        page.item("  ", "No reason was given. Listen to the file, and record the answer again.");
    }
    page.item("  ", "No figures are shown, because they would be made up.");
}

fn headline(page: &mut Page, feedback: &Feedback) {
    page.gap();
    if let Some(question) = &feedback.question {
        page.labelled("Question", &styled(BOLD, &clean(&question.prompt)));
        page.labelled("", &styled(DIM, &clean(&format!("{}/{}", question.bank, question.id))));
    }
    for (name, value) in figures::origin(feedback) {
        page.labelled(name, &clean(&value));
    }
}

fn advice(page: &mut Page, feedback: &Feedback) {
    if feedback.advice.is_empty() {
        return;
    }
    page.heading("What to work on", "");
    for (index, advice) in feedback.advice.iter().enumerate() {
        let moment =
            advice.at_s.map_or_else(String::new, |at| format!("{} ", styled(DIM, &format!("[{}]", clock(at)))));
        let number = styled(BOLD, &(index + 1).to_string());
        page.item(&format!("  {number}  "), &format!("{moment}{}", clean(&advice.message)));
    }
}

fn timing(page: &mut Page, feedback: &Feedback) {
    page.heading("Timing", "");
    let timed = figures::timed(&feedback.timing);
    if !timed {
        page.item("  ", texts::NO_TIMES);
    }
    let rows: Vec<Figure> =
        figures::timing(&feedback.timing).into_iter().filter(|figure| timed || figure.value.is_some()).collect();
    figure_rows(page, &rows);
    if let Some(threshold) = figures::threshold(&feedback.timing) {
        page.item("  ", &styled(DIM, &threshold));
    }
    if let Some(note) = &feedback.timing.pace_note {
        page.item("  ", &clean(note));
    }
}

fn figure_rows(page: &mut Page, rows: &[Figure]) {
    for Figure { measure, value } in rows {
        let value = value.as_ref().map_or_else(|| format!("–  {}", texts::NOT_MEASURED), |value| styled(BOLD, value));
        page.columns(&[(2, measure.name), (VALUE_COLUMN, &value), (PLAIN_COLUMN, &styled(DIM, measure.plain))]);
    }
}

fn fillers(page: &mut Page, fillers: &Fillers) {
    let rate = measured(fillers.per_minute, 1, "a minute").unwrap_or_else(|| format!("rate {}", texts::NOT_MEASURED));
    page.heading("Fillers", &rate);
    if fillers.items.is_empty() {
        page.item("  ", "None was found.");
    }
    for kind in texts::FILLER_KINDS {
        for probable in [false, true] {
            filler_row(page, fillers, kind, probable);
        }
    }
    for cluster in &fillers.clusters {
        let (start, end) = (clock(cluster.start_s), clock(cluster.end_s));
        page.item("  ", &format!("{} close together, {}, {start} to {end}.", cluster.count, clean(&cluster.place)));
    }
    if fillers.per_minute.is_some() {
        let text =
            "The rate counts filled pauses and lexical fillers; up to 5 a minute did no measurable harm, 12 did.";
        page.item("  ", &styled(DIM, text));
    }
}

fn filler_row(page: &mut Page, fillers: &Fillers, kind: FillerKind, probable: bool) {
    let items: Vec<_> = fillers
        .items
        .iter()
        .filter(|item| item.kind == kind && (item.evidence == FillerEvidence::Acoustic) == probable)
        .collect();
    if items.is_empty() {
        return;
    }
    let mut moments: Vec<String> = items
        .iter()
        .take(MOST_MOMENTS)
        .map(|item| {
            let text = figures::said(item);
            item.start_s.map_or_else(|| text.clone(), |start| format!("{text} {}", clock(start)))
        })
        .collect();
    if items.len() > MOST_MOMENTS {
        moments.push(format!("and {} more", items.len() - MOST_MOMENTS));
    }
    let mut text = moments.join(" · ");
    if probable {
        text = format!("{text} {}", styled(DIM, &format!("({})", texts::PROBABLE)));
    }
    let name = if probable { "  probable" } else { texts::filler_kind(kind) };
    page.columns(&[(2, name), (20, &styled(BOLD, &format!("{:>2}", items.len()))), (VALUE_COLUMN, &text)]);
}

fn coverage(page: &mut Page, coverage: Option<&Coverage>) {
    let Some(coverage) = coverage else {
        page.heading("Coverage", "");
        page.item("  ", texts::NO_QUESTION);
        return;
    };
    let method = texts::coverage_method(&coverage.method).map(|method| format!(", {}", clean(method)));
    let count = format!("{} of {} concepts covered{}", coverage.covered, coverage.total, method.unwrap_or_default());
    page.heading("Coverage", &count);
    if coverage.off_topic == Some(true) {
        page.item(&format!("  {} ", styled(WARN, "!")), texts::OFF_TOPIC);
    }
    for concept in &coverage.concepts {
        let style = match concept.status {
            ConceptStatus::Covered => GOOD,
            ConceptStatus::Partial => WARN,
            ConceptStatus::Missing => BAD,
        };
        let word = match concept.status {
            ConceptStatus::Covered => String::new(),
            status => styled(DIM, &format!(" ({})", texts::status_word(status))),
        };
        let mark = styled(style, texts::status_mark(concept.status));
        page.item(&format!("  {mark} "), &format!("{}{word}", clean(&concept.label)));
        for quote in &concept.evidence {
            page.item("      ", &styled(DIM, &quoted(quote)));
        }
        if let Some(note) = &concept.note {
            page.item("      ", &clean(note));
        }
    }
}

fn quoted(quote: &Quote) -> String {
    let moment = quote.start_s.map_or_else(String::new, |start| format!(" {}", clock(start)));
    format!("“{}”{moment}", clean(&quote.quote))
}

fn structure(page: &mut Page, structure: &Structure) {
    page.heading("Structure", &clean(&structure.kind));
    for part in &structure.parts {
        let moment = part.start_s.map_or_else(String::new, clock);
        let about = format!("{moment}  {}", percent(part.share));
        let quote = styled(DIM, &format!("“{}”", clean(&part.quote)));
        page.columns(&[(2, &clean(&part.name)), (VALUE_COLUMN, about.trim_start()), (36, &quote)]);
    }
    if !structure.missing.is_empty() {
        let missing: Vec<_> = structure.missing.iter().map(|part| clean(part)).collect();
        page.item(&format!("  {} ", styled(BAD, "✗")), &format!("not found: {}", missing.join(", ")));
    }
    let (one, many) = (structure.first_person_singular, structure.first_person_plural);
    let numbers = counted(u64::from(structure.numbers), "figure", "figures");
    page.item("  ", &format!("I, me, my: {one} · we, us, our: {many} · {numbers} named as a result"));
    if let Some(target) = measured(structure.target_s, 0, "s") {
        page.item("  ", &format!("Length to aim for: about {target} (advice of coaches, not research)"));
    }
}

fn transcript(page: &mut Page, feedback: &Feedback) {
    let paragraphs = flow::paragraphs(feedback);
    if paragraphs.is_empty() {
        return;
    }
    page.heading("Transcript", "");
    let pieces = || paragraphs.iter().flat_map(|paragraph| &paragraph.pieces);
    let mut legend = Vec::new();
    for (sample, meaning, kinds) in [
        ("⟨um⟩", "filler", &[FillerKind::FilledPause, FillerKind::Lexical][..]),
        ("{the the}", "repetition or restart", &[FillerKind::Repetition, FillerKind::Restart][..]),
        ("[maybe]", "hedge", &[FillerKind::Hedge][..]),
    ] {
        if pieces().any(|piece| matches!(piece, Piece::Filler { kind, .. } if kinds.contains(kind))) {
            legend.push(format!("{sample} {meaning}"));
        }
    }
    if pieces().any(|piece| matches!(piece, Piece::Filler { probable: true, .. })) {
        legend.push(format!("⟨um?⟩ {}", texts::PROBABLE));
    }
    if pieces().any(|piece| matches!(piece, Piece::Pause { .. })) {
        legend.push("(0.8 s) silent pause".to_owned());
    }
    if !legend.is_empty() {
        page.item("  ", &styled(DIM, &legend.join(" · ")));
    }
    let margin = paragraphs.iter().filter_map(|paragraph| paragraph.start_s).map(|start| clock(start).len()).max();
    for paragraph in &paragraphs {
        let text: Vec<String> = paragraph.pieces.iter().map(piece_text).collect();
        let first = match (margin, paragraph.start_s) {
            (Some(margin), Some(start)) => format!("  {}  ", styled(DIM, &format!("{:>margin$}", clock(start)))),
            (Some(margin), None) => " ".repeat(margin + 4),
            (None, _) => "  ".to_owned(),
        };
        page.item(&first, &text.join(" "));
    }
}

fn piece_text(piece: &Piece<'_>) -> String {
    match piece {
        Piece::Word(word) => clean(&word.text).into_owned(),
        Piece::Pause { start_s, end_s, .. } => {
            let length = measured(Some(end_s - start_s), 1, "s").unwrap_or_else(|| texts::NOT_MEASURED.to_owned());
            // a no-break space keeps number and unit on one line
            styled(DIM, &format!("({})", length.replace(' ', "\u{a0}")))
        }
        Piece::Filler { kind, text, probable, .. } => {
            let text = clean(text);
            let doubt = if *probable { "?" } else { "" };
            match kind {
                FillerKind::FilledPause | FillerKind::Lexical => styled(WARN, &format!("⟨{text}{doubt}⟩")),
                FillerKind::Repetition | FillerKind::Restart => styled(REPAIR, &format!("{{{text}{doubt}}}")),
                FillerKind::Hedge => styled(REPAIR, &format!("[{text}{doubt}]")),
            }
        }
    }
}

#[cfg(test)]
#[path = "terminal_tests.rs"]
mod tests;
