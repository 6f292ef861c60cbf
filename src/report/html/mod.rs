use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use maud::{DOCTYPE, Markup, PreEscaped, html as markup};
use sha2::{Digest, Sha256};

use super::figures::{self, Figure};
use super::flow::{self, Piece};
use super::format::{clock, counted, measured, percent};
use super::{clean, texts};
use crate::feedback::{
    Advice, ConceptResult, ConceptStatus, Coverage, Delivery, Feedback, FillerEvidence, FillerKind, Fillers, Quote,
    Status, Structure,
};

mod timeline;

/// The page's only style sheet, inside the page.
const STYLE: &str = include_str!("style.css");

/// One self-contained page: no script, no network, no other file; light and dark, narrow and wide, screen and paper. Its
/// content security policy allows the style sheet by its hash and nothing else.
pub fn html(feedback: &Feedback) -> String {
    let title = feedback.question.as_ref().map_or_else(|| "Your answer".to_owned(), |question| question.id.clone());
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content="viva";
                meta name="referrer" content="no-referrer";
                meta http-equiv="Content-Security-Policy" content=(policy());
                title { (clean(&title)) " – Viva" }
                style { (PreEscaped(STYLE)) }
            }
            body { main { (header(feedback)) (body(feedback)) (footer(feedback)) } }
        }
    };
    page.into_string()
}

fn policy() -> String {
    let hash = BASE64.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; media-src data:; base-uri 'none'; form-action \
         'none'"
    )
}

fn header(feedback: &Feedback) -> Markup {
    markup! {
        header {
            @if let Some(question) = &feedback.question {
                p.kicker { (clean(&question.bank)) " / " (clean(&question.id)) }
                h1 { (clean(&question.prompt)) }
            } @else {
                h1 { "Your answer" }
            }
            dl.origin {
                @for (name, value) in figures::origin(feedback) {
                    div { dt { (name) } dd { (clean(&value)) } }
                }
            }
        }
    }
}

fn body(feedback: &Feedback) -> Markup {
    if feedback.quality.status == Status::Unscorable {
        return markup! {
            section.notice.bad aria-labelledby="unscorable" {
                h2 id="unscorable" { "This recording cannot be judged" }
                (issues(feedback))
                p { "No figures are shown, because they would be made up." }
            }
        };
    }
    markup! {
        @if !feedback.quality.issues.is_empty() {
            section.notice.warn aria-labelledby="quality" {
                h2 id="quality" { "Before you trust the figures" }
                (issues(feedback))
            }
        }
        (tiles(feedback))
        (advice(&feedback.advice))
        (timeline::section(feedback))
        (coverage(feedback.coverage.as_ref()))
        (fillers(&feedback.fillers))
        (timing(feedback))
        @if let Some(kept) = &feedback.structure { (structure(kept)) }
        @if let Some(kept) = &feedback.delivery { (delivery(kept)) }
        (transcript(feedback))
        @if feedback.recording.is_some() {
            section aria-labelledby="recording" {
                h2 id="recording" { "Recording" }
                (figure_list(&figures::recording(&feedback.quality)))
            }
        }
    }
}

fn issues(feedback: &Feedback) -> Markup {
    markup! {
        @if feedback.quality.issues.is_empty() {
            p { "No reason was given. Listen to the file, and record the answer again." }
        } @else {
            ul { @for issue in &feedback.quality.issues { li { (clean(&issue.message)) } } }
        }
    }
}

/// The four figures that are looked for first.
fn tiles(feedback: &Feedback) -> Markup {
    let timing = figures::timing(&feedback.timing);
    let of = |measure: texts::Measure| {
        timing.iter().find(|figure| figure.measure == measure).and_then(|figure| figure.value.clone())
    };
    let covered = feedback.coverage.as_ref().map(|coverage| format!("{} of {}", coverage.covered, coverage.total));
    let tiles = [
        ("Concepts covered", covered, "of this question"),
        ("Answer length", of(texts::ANSWER), texts::ANSWER.plain),
        ("Speech rate", measured(feedback.timing.speech_rate_wpm, 0, "wpm"), texts::SPEECH_RATE.plain),
        ("Fillers", measured(feedback.fillers.per_minute, 1, "/ min"), texts::FILLERS.plain),
    ];
    markup! {
        ul.tiles {
            @for (name, value, plain) in tiles {
                li {
                    span.tile-name { (name) }
                    span.tile-value { @match &value { Some(value) => (value), None => "–" } }
                    span.tile-plain { @match value { Some(_) => (plain), None => (texts::NOT_MEASURED) } }
                }
            }
        }
    }
}

fn advice(advice: &[Advice]) -> Markup {
    markup! {
        @if !advice.is_empty() {
            section aria-labelledby="advice" {
                h2 id="advice" { "What to work on" }
                ol.advice {
                    @for piece in advice {
                        li {
                            @if let Some(at) = piece.at_s { span.moment { (clock(at)) } " " }
                            (clean(&piece.message))
                        }
                    }
                }
            }
        }
    }
}

fn coverage(coverage: Option<&Coverage>) -> Markup {
    markup! {
        section aria-labelledby="coverage" {
            h2 id="coverage" { "Coverage" }
            @if let Some(coverage) = coverage {
                p.lead {
                    (coverage.covered) " of " (coverage.total) " concepts covered"
                    @if let Some(method) = texts::coverage_method(&coverage.method) { ", " (clean(method)) }
                    "."
                }
                @if coverage.off_topic == Some(true) { p.flag { (texts::OFF_TOPIC) } }
                ul.concepts { @for concept in &coverage.concepts { (concept_item(concept)) } }
            } @else {
                p { (texts::NO_QUESTION) }
            }
        }
    }
}

fn concept_item(concept: &ConceptResult) -> Markup {
    let class = match concept.status {
        ConceptStatus::Covered => "covered",
        ConceptStatus::Partial => "partial",
        ConceptStatus::Missing => "missing",
    };
    let sure = if concept.confidence.is_finite() {
        format!("A careful reader would call this covered: {}", percent(concept.confidence))
    } else {
        String::new()
    };
    markup! {
        li class=(class) {
            span.mark aria-hidden="true" { (texts::status_mark(concept.status)) }
            div {
                p.concept {
                    strong { (clean(&concept.label)) } " "
                    span.verdict title=(sure) { (texts::status_word(concept.status)) }
                }
                @for quote in &concept.evidence { (quoted(quote)) }
                @if let Some(note) = &concept.note { p.note { (clean(note)) } }
            }
        }
    }
}

fn quoted(quote: &Quote) -> Markup {
    markup! {
        blockquote {
            "“" (clean(&quote.quote)) "”"
            @if let Some(start) = quote.start_s.filter(|start| start.is_finite()) { " " span.moment { (clock(start)) } }
        }
    }
}

fn fillers(fillers: &Fillers) -> Markup {
    let rate = measured(fillers.per_minute, 1, "a minute");
    markup! {
        section aria-labelledby="fillers" {
            h2 id="fillers" { "Fillers" }
            p.lead {
                @match rate { Some(rate) => (rate), None => { "Rate " (texts::NOT_MEASURED) } } ". "
                @if fillers.items.is_empty() { "None was found." }
            }
            @if !fillers.items.is_empty() {
                div.scroll {
                    table {
                        thead { tr { th scope="col" { "Kind" } th scope="col" { "Count" } th scope="col" { "Moments" } } }
                        tbody {
                            @for kind in texts::FILLER_KINDS { @for probable in [false, true] { (filler_row(fillers, kind, probable)) } }
                        }
                    }
                }
            }
            @for cluster in &fillers.clusters {
                p {
                    (cluster.count) " close together, " (clean(&cluster.place)) ", "
                    span.moment { (clock(cluster.start_s)) } " to " span.moment { (clock(cluster.end_s)) } "."
                }
            }
            (explained(&texts::FILLERS))
        }
    }
}

fn filler_row(fillers: &Fillers, kind: FillerKind, probable: bool) -> Markup {
    let items: Vec<_> = fillers
        .items
        .iter()
        .filter(|item| item.kind == kind && (item.evidence == FillerEvidence::Acoustic) == probable)
        .collect();
    markup! {
        @if !items.is_empty() {
            tr {
                th scope="row" title=(texts::filler_definition(kind)) {
                    (timeline::glyph(kind, probable)) " " (texts::filler_kind(kind))
                    @if probable { br; span.small { "probable: " (texts::PROBABLE) } }
                }
                td.number { (items.len()) }
                td {
                    @for item in items {
                        span.said {
                            (figures::said(item))
                            @if let Some(start) = item.start_s { " " span.moment { (clock(start)) } }
                        } " "
                    }
                }
            }
        }
    }
}

fn timing(feedback: &Feedback) -> Markup {
    let timing = &feedback.timing;
    let timed = figures::timed(timing);
    let rows: Vec<_> = figures::timing(timing).into_iter().filter(|figure| timed || figure.value.is_some()).collect();
    markup! {
        section aria-labelledby="timing" {
            h2 id="timing" { "Timing" }
            @if !timed { p { (texts::NO_TIMES) } }
            @if let Some(note) = &timing.pace_note { p.lead { (clean(note)) } }
            (figure_list(&rows))
            @if let Some(threshold) = figures::threshold(timing) { p.small { (threshold) } }
        }
    }
}

/// Figures with their definitions, which open on a click or tap.
fn figure_list(rows: &[Figure]) -> Markup {
    markup! {
        div.figures {
            @for Figure { measure, value } in rows {
                details {
                    summary {
                        span.figure-name { (measure.name) }
                        @match value {
                            Some(value) => span.figure-value { (value) },
                            None => span.figure-value.none { "– " (texts::NOT_MEASURED) },
                        }
                        span.figure-plain { (measure.plain) }
                    }
                    p { (measure.definition) " " cite { (measure.source) } }
                }
            }
        }
    }
}

fn explained(measure: &texts::Measure) -> Markup {
    markup! { details.plain { summary { "How this is counted" } p { (measure.definition) " " cite { (measure.source) } } } }
}

fn structure(structure: &Structure) -> Markup {
    let numbers = counted(u64::from(structure.numbers), "figure", "figures");
    markup! {
        section aria-labelledby="structure" {
            h2 id="structure" { "Structure" }
            p.lead { "Read as a " (clean(&structure.kind)) " answer." }
            ol.parts {
                @for part in &structure.parts {
                    li {
                        strong { (clean(&part.name)) } " "
                        @if let Some(start) = part.start_s { span.moment { (clock(start)) } " " }
                        span.small { (percent(part.share)) " of the words" }
                        blockquote { "“" (clean(&part.quote)) "”" }
                    }
                }
            }
            @if !structure.missing.is_empty() {
                p.flag {
                    "Not found: "
                    @for (index, part) in structure.missing.iter().enumerate() {
                        @if index > 0 { ", " }
                        (clean(part))
                    }
                    "."
                }
            }
            p {
                "I, me, my: " (structure.first_person_singular) " · we, us, our: " (structure.first_person_plural)
                " · " (numbers) " named as a result"
            }
            @if let Some(target) = measured(structure.target_s, 0, "s") {
                p.small { "Length to aim for: about " (target) " (advice of coaches, not research)." }
            }
        }
    }
}

fn delivery(delivery: &Delivery) -> Markup {
    markup! {
        section aria-labelledby="delivery" {
            h2 id="delivery" { "Delivery" }
            @for rush in &delivery.rushing {
                p.flag {
                    "Rushed from " (clock(rush.start_s)) " to " (clock(rush.end_s))
                    @if let Some(pace) = measured(Some(rush.wpm), 0, "words a minute") { ": " (pace) }
                    "."
                }
            }
            (figure_list(&figures::delivery(delivery)))
        }
    }
}

fn transcript(feedback: &Feedback) -> Markup {
    let paragraphs = flow::paragraphs(feedback);
    markup! {
        @if !paragraphs.is_empty() {
            section aria-labelledby="transcript" {
                h2 id="transcript" { "Transcript" }
                div.transcript {
                    @for paragraph in &paragraphs {
                        @if let Some(start) = paragraph.start_s { span.moment { (clock(start)) } } @else { span {} }
                        p { @for piece in &paragraph.pieces { (piece_text(piece)) " " } }
                    }
                }
            }
        }
    }
}

fn piece_text(piece: &Piece<'_>) -> Markup {
    match piece {
        Piece::Word(word) => markup! { (clean(&word.text)) },
        Piece::Pause { start_s, end_s, position } => {
            let length = measured(Some(end_s - start_s), 1, "s").unwrap_or_else(|| texts::NOT_MEASURED.to_owned());
            markup! { span.pause title=(format!("silent pause {}", texts::pause_position(*position))) { "(" (length) ")" } }
        }
        Piece::Filler { kind, text, probable, .. } => {
            let class = match kind {
                FillerKind::FilledPause | FillerKind::Lexical => "filler",
                FillerKind::Repetition | FillerKind::Restart => "repair",
                FillerKind::Hedge => "hedge",
            };
            let mut title = texts::one_filler(*kind).to_owned();
            if *probable {
                title = format!("probable {title}: {}", texts::PROBABLE);
            }
            markup! { mark class=(class) title=(title) { (clean(text)) @if *probable { "?" } } }
        }
    }
}

fn footer(feedback: &Feedback) -> Markup {
    markup! {
        footer {
            p { (texts::PRIVATE) }
            p.small {
                (clean(&feedback.schema))
                @if let Some(recording) = &feedback.recording { " · recording sha256 " code { (clean(&recording.sha256)) } }
                @if let Some(model) = &feedback.model { " · model " (clean(&model.name)) " sha256 " code { (clean(&model.sha256)) } }
            }
        }
    }
}

#[cfg(test)]
mod tests;
