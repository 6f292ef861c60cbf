//! Fits the weights of concept coverage and prints how well they do on questions that were left out.
//!
//! usage: `fit_coverage BANK.toml LABELLED.jsonl[,MORE.jsonl] [MINILM_DIR] > weights.toml` (figures go to stderr)
//!
//! The topic model learns from the bank's own sentences (each against the others, itself left out) and from the passages
//! that the labels quote; the verdict model from the labelled answers, on topics from models that had not seen the
//! question. Rows whose id begins with `dev-` train only and are not counted.

#![allow(
    clippy::many_single_char_names,
    clippy::needless_range_loop,
    clippy::too_many_lines,
    reason = "linear algebra reads best in its own notation"
)]

use std::collections::BTreeMap;
use std::path::Path;
use viva::analysis::coverage::clauses::Answer;
use viva::analysis::coverage::features::{self, Features, Prepared, Reading};
use viva::analysis::coverage::model::{Committee, Linear, Model, Network, Weights, activation, probability};
use viva::analysis::coverage::verdict::{self, VerdictFeatures};
use viva::bank::{Bank, TextKind};
use viva::evidence::{Word, WordSource};
use viva::meaning::{Cached, MiniLm, likeness};

/// Weight of all labelled passages against all sentences of the bank in the topic model.
const LABELLED_TO_BANK: f64 = 3.0;
/// Ridge penalties, on standardised features.
const TOPIC_RIDGE: f64 = 3.0;
const VERDICT_RIDGE: f64 = 10.0;
/// Weight of a decision about an answer to another question.
const STRAY: f64 = 0.08;
/// Networks in the committee, hidden units in each, and steps of gradient descent.
const MEMBERS: u64 = 4;
const HIDDEN: usize = 8;
const STEPS: i32 = 500;
/// Features that the topic model may use: what a passage is about, not what stance it takes.
const TOPIC: [&str; 18] = [
    "example_max",
    "example_top",
    "means",
    "contrast_max",
    "sibling_top",
    "prompt",
    "word_example_max",
    "word_example_top",
    "word_means",
    "word_contrast_max",
    "word_sibling_top",
    "terms",
    "terms_sibling",
    "misheard",
    "length",
    "clauses",
    "example_gap",
    "sibling_gap",
];

/// Features of a sentence of the bank, whether it covers the concept, and its question.
type Sentence = (Features, bool, usize);

struct Row {
    x: Vec<f64>,
    y: bool,
    w: f64,
    group: usize,
}

struct Labelled {
    id: String,
    question: usize,
    style: String,
    reading: Reading,
    passages: Vec<Vec<Features>>,
    covered: Vec<bool>,
    /// overlap of each passage with the quoted evidence of each concept
    overlap: Vec<Vec<f64>>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let bank: Bank = toml::from_str(&std::fs::read_to_string(&args[1])?)?;
    let prepared: Vec<Prepared> = bank.questions.iter().map(Prepared::new).collect();
    let embedder = match args.get(3) {
        Some(dir) => Some(Cached::new(MiniLm::load(Path::new(dir))?, std::env::temp_dir().join("viva-fit-cache"))),
        None => None,
    };
    let mut answers = Vec::new();
    for path in args[2].split(',') {
        for line in
            std::fs::read_to_string(path)?.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        {
            answers.push(labelled(&serde_json::from_str(line)?, &bank, &prepared, embedder.as_ref())?);
        }
    }
    // an answer to another question is off topic here; some concepts stand in several questions, so these weigh less
    let count = bank.questions.len();
    let mut strays = Vec::new();
    for (index, path) in args[2].split(',').flat_map(std::fs::read_to_string).enumerate() {
        for (at, line) in path.lines().filter(|line| !line.trim().is_empty()).enumerate() {
            let mut row: serde_json::Value = serde_json::from_str(line)?;
            let own = bank.questions.iter().position(|q| Some(q.id.as_str()) == row["question"].as_str()).unwrap_or(0);
            let other = (own + 5 + (7 * at + 3 * index) % (count - 9)) % count;
            row["id"] = format!("dev-stray-{at}").into();
            row["style"] = "stray".into();
            row["question"] = bank.questions[other].id.clone().into();
            row["covered"] = serde_json::json!([]);
            row["evidence"] = serde_json::json!({});
            strays.push(labelled(&row, &bank, &prepared, embedder.as_ref())?);
        }
    }
    answers.extend(strays);
    let sentences = bank_rows(&bank, &prepared, embedder.as_ref())?;
    let mut weights = Weights::shipped().clone();
    if embedder.is_some() {
        weights.meaning = fit(&sentences, &answers, bank.questions.len(), true);
    }
    let mut blind_sentences = sentences;
    blind(&mut blind_sentences);
    for answer in &mut answers {
        for row in answer.passages.iter_mut().flatten() {
            blank(row);
        }
    }
    weights.cues = fit(&blind_sentences, &answers, bank.questions.len(), false);
    println!("# Weights of concept coverage, written by scripts/fit-coverage. Features: src/analysis/coverage/.");
    print!("{}", toml::to_string(&weights)?);
    Ok(())
}

/// Features that need the sentence model.
const BY_MEANING: usize = 8;

fn blank(row: &mut Features) {
    row[..BY_MEANING].fill(0.0);
    row[28] = 0.0;
}

fn blind(rows: &mut [Sentence]) {
    for (row, _, _) in rows {
        blank(row);
    }
}

fn bank_rows(
    bank: &Bank,
    prepared: &[Prepared],
    embedder: Option<&Cached<MiniLm>>,
) -> Result<Vec<Sentence>, Box<dyn std::error::Error>> {
    let mut rows = Vec::new();
    for (index, (question, prepared)) in bank.questions.iter().zip(prepared).enumerate() {
        let texts = question.texts();
        let plain: Vec<&str> = texts.iter().map(|text| text.2).collect();
        let vectors = embedder.map(|embedder| embedder.embed_texts(&plain)).transpose()?;
        for (at, (concept, kind, text)) in texts.iter().enumerate() {
            let (Some(concept), true) = (concept, *kind != TextKind::Means) else { continue };
            let reading = Reading::new(Answer::of_text(text), prepared);
            let all = 0..reading.answer.clauses.len();
            let cosines: Option<Vec<f32>> = vectors.as_ref().map(|vectors| {
                vectors.iter().map(|other| other.iter().zip(&vectors[at]).map(|(x, y)| x * y).sum()).collect()
            });
            for (other, row) in
                features::features(prepared, &reading, &all, cosines.as_deref(), Some(at)).into_iter().enumerate()
            {
                rows.push((row, *kind == TextKind::Example && other == *concept, index));
            }
        }
    }
    Ok(rows)
}

fn labelled(
    row: &serde_json::Value,
    bank: &Bank,
    prepared: &[Prepared],
    embedder: Option<&Cached<MiniLm>>,
) -> Result<Labelled, Box<dyn std::error::Error>> {
    let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let question = bank.questions.iter().position(|q| q.id == text("question")).ok_or_else(|| text("question"))?;
    let words: Vec<Word> = text("text")
        .split_whitespace()
        .map(|word| Word { text: word.to_owned(), span: None, probability: None, source: WordSource::Transcript })
        .collect();
    let reading = Reading::new(Answer::new(&words), &prepared[question]);
    let cosine = match embedder {
        Some(embedder) => Some(likeness(embedder, &words, &bank.questions[question])?.cosine),
        None => None,
    };
    let passages = verdict::passage_features(&prepared[question], &reading, cosine.as_deref());
    let ids: Vec<&str> = row["covered"].as_array().into_iter().flatten().filter_map(|id| id.as_str()).collect();
    let concepts = &bank.questions[question].concepts;
    for id in &ids {
        if !concepts.iter().any(|concept| concept.id == *id) {
            return Err(format!("{}: no concept {id}", text("id")).into());
        }
    }
    let covered = concepts.iter().map(|concept| ids.contains(&concept.id.as_str())).collect();
    let norms: Vec<&str> = reading.answer.tokens.iter().map(|token| token.norm.as_str()).collect();
    let spans: Vec<Option<(usize, usize)>> = concepts
        .iter()
        .map(|concept| {
            let quote = Answer::of_text(row["evidence"].get(&concept.id)?.as_str()?);
            let quoted: Vec<&str> = quote.tokens.iter().map(|token| token.norm.as_str()).collect();
            let at =
                (0..norms.len()).max_by_key(|&at| quoted.iter().zip(&norms[at..]).filter(|(a, b)| a == b).count())?;
            Some((at, (at + quoted.len()).min(norms.len())))
        })
        .collect();
    let overlap = reading
        .answer
        .passages
        .iter()
        .map(|passage| {
            let first = reading.answer.clauses[passage.start].tokens.start;
            let last = reading.answer.clauses[passage.end - 1].tokens.end;
            spans
                .iter()
                .map(|span| {
                    span.map_or(0.0, |(from, to)| {
                        let shared = last.min(to).saturating_sub(first.max(from)) as f64;
                        2.0 * shared / ((last - first) + (to - from)) as f64
                    })
                })
                .collect()
        })
        .collect();
    Ok(Labelled { id: text("id"), question, style: text("style"), reading, passages, covered, overlap })
}

fn topic_columns() -> Vec<usize> {
    features::NAMES.iter().enumerate().filter(|(_, name)| TOPIC.contains(name)).map(|(index, _)| index).collect()
}

fn fit(sentences: &[Sentence], answers: &[Labelled], questions: usize, meaning: bool) -> Model {
    let columns = topic_columns();
    let pick = |row: &Features| columns.iter().map(|&c| f64::from(row[c])).collect::<Vec<f64>>();
    let mut rows: Vec<Row> =
        sentences.iter().map(|(x, y, group)| Row { x: pick(x), y: *y, w: 1.0, group: *group }).collect();
    let bank_rows = rows.len();
    for answer in answers.iter().filter(|answer| answer.style != "stray") {
        for (passage, overlap) in answer.passages.iter().zip(&answer.overlap) {
            for (concept, row) in passage.iter().enumerate() {
                // a passage that holds half of the evidence, or another mention, is neither
                let y = answer.covered[concept];
                if !y || overlap[concept] > 0.6 {
                    rows.push(Row { x: pick(row), y, w: 1.0, group: answer.question });
                }
            }
        }
    }
    let labelled_weight = LABELLED_TO_BANK * bank_rows as f64 / (rows.len() - bank_rows).max(1) as f64;
    rows[bank_rows..].iter_mut().for_each(|row| row.w = labelled_weight);
    let names: Vec<&str> = columns.iter().map(|&c| features::NAMES[c]).collect();

    // topics of each answer by a model that has not seen its question
    let mut verdict_rows: Vec<(VerdictFeatures, bool, usize, usize)> = Vec::new();
    for question in 0..questions {
        let train: Vec<&Row> = rows.iter().filter(|row| row.group != question).collect();
        let topic = logistic(&train, &names, TOPIC_RIDGE).in_order(&features::NAMES);
        for (index, answer) in answers.iter().enumerate().filter(|(_, answer)| answer.question == question) {
            for (concept, found) in verdict::judge(&answer.reading, &answer.passages, &topic).into_iter().enumerate() {
                verdict_rows.push((found.features, answer.covered[concept], question, index));
            }
        }
    }
    let topic = logistic(&rows.iter().collect::<Vec<_>>(), &names, TOPIC_RIDGE);
    let all: Vec<Row> = verdict_rows
        .iter()
        .map(|(x, y, question, answer)| Row {
            x: x.iter().map(|&v| f64::from(v)).collect(),
            y: *y,
            w: if answers[*answer].style == "stray" { STRAY } else { 1.0 },
            group: *question,
        })
        .collect();
    let mut out_of_fold = vec![0.0; all.len()];
    for question in 0..questions {
        let train: Vec<&Row> = all.iter().filter(|row| row.group != question).collect();
        let model = committee(&train);
        for (index, row) in verdict_rows.iter().enumerate().filter(|(_, row)| row.2 == question) {
            out_of_fold[index] = model.probability(&verdict::NAMES, &row.0).unwrap_or(0.0);
        }
    }
    let counted: Vec<usize> = (0..all.len()).filter(|&i| !answers[verdict_rows[i].3].id.starts_with("dev-")).collect();
    let best = (20..=70)
        .map(|percent| f64::from(percent) / 100.0)
        .max_by(|a, b| {
            let f = |t: f64| {
                f1(counts((0..all.len()).filter(|&i| all[i].w > STRAY).map(|i| (out_of_fold[i] >= t, all[i].y))))
            };
            f(*a).total_cmp(&f(*b))
        })
        .unwrap_or(0.5);
    eprintln!("{}: {} answers", if meaning { "cues and embeddings" } else { "cues alone" }, answers.len());
    eprintln!("  whole questions left out, covered from {best:.2}:");
    report("all", counts(counted.iter().map(|&i| (out_of_fold[i] >= best, all[i].y))));
    let mut styles: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for &i in &counted {
        styles.entry(&answers[verdict_rows[i].3].style).or_default().push(i);
    }
    for (style, rows) in &styles {
        report(style, counts(rows.iter().map(|&i| (out_of_fold[i] >= best, all[i].y))));
    }
    for style in ["off-topic", "stray"] {
        let rows = (0..all.len()).filter(|&i| answers[verdict_rows[i].3].style == style);
        report(style, counts(rows.map(|i| (out_of_fold[i] >= best, all[i].y))));
    }
    report(
        "dev",
        counts(
            (0..all.len())
                .filter(|i| !counted.contains(i) && all[*i].w > STRAY)
                .map(|i| (out_of_fold[i] >= best, all[i].y)),
        ),
    );
    eprintln!("  calibration (said, was, how many):");
    for bin in 0..5 {
        let inside: Vec<usize> = (0..all.len())
            .filter(|&i| all[i].w > STRAY)
            .filter(|&i| ((out_of_fold[i] * 5.0) as usize).min(4) == bin)
            .collect();
        if !inside.is_empty() {
            let said = inside.iter().map(|&i| out_of_fold[i]).sum::<f64>() / inside.len() as f64;
            let was = inside.iter().filter(|&&i| all[i].y).count() as f64 / inside.len() as f64;
            eprintln!("    {said:.2}  {was:.2}  {}", inside.len());
        }
    }
    let verdict = committee(&all.iter().collect::<Vec<_>>());
    Model { topic, verdict, covered_from: best, partial_from: best / 2.0 }
}

fn counts(pairs: impl Iterator<Item = (bool, bool)>) -> (usize, usize, usize) {
    pairs.fold((0, 0, 0), |(tp, fp, fn_), (said, is)| {
        (tp + usize::from(said && is), fp + usize::from(said && !is), fn_ + usize::from(!said && is))
    })
}

fn f1((tp, fp, fn_): (usize, usize, usize)) -> f64 {
    2.0 * tp as f64 / (2 * tp + fp + fn_).max(1) as f64
}

fn report(name: &str, (tp, fp, fn_): (usize, usize, usize)) {
    let ratio = |a: usize, b: usize| a as f64 / b.max(1) as f64;
    eprintln!(
        "    {name:<11} F1 {:.3}  precision {:.3}  recall {:.3}  ({tp} right, {fp} wrong, {fn_} missed)",
        f1((tp, fp, fn_)),
        ratio(tp, tp + fp),
        ratio(tp, tp + fn_)
    );
}

/// Ridge logistic regression by Newton's method on standardised features; weights are given back for plain ones.
fn logistic(rows: &[&Row], names: &[&str], ridge: f64) -> Linear {
    let width = names.len();
    let total: f64 = rows.iter().map(|row| row.w).sum();
    let mut mean = vec![0.0; width];
    let mut scale = vec![0.0; width];
    for row in rows {
        for (m, x) in mean.iter_mut().zip(&row.x) {
            *m += row.w * x / total;
        }
    }
    for row in rows {
        for ((s, x), m) in scale.iter_mut().zip(&row.x).zip(&mean) {
            *s += row.w * (x - m).powi(2) / total;
        }
    }
    for s in &mut scale {
        *s = s.sqrt();
    }
    let standard: Vec<Vec<f64>> = rows
        .iter()
        .map(|row| {
            let mut x: Vec<f64> =
                (0..width).map(|i| if scale[i] > 1e-9 { (row.x[i] - mean[i]) / scale[i] } else { 0.0 }).collect();
            x.push(1.0);
            x
        })
        .collect();
    let mut beta = vec![0.0; width + 1];
    for _ in 0..25 {
        let mut gradient = vec![0.0; width + 1];
        let mut hessian = vec![vec![0.0; width + 1]; width + 1];
        for (x, row) in standard.iter().zip(rows) {
            let p = probability(x.iter().zip(&beta).map(|(a, b)| a * b).sum());
            let error = row.w * (f64::from(u8::from(row.y)) - p);
            let curve = row.w * p * (1.0 - p);
            for i in 0..=width {
                gradient[i] += error * x[i];
                for j in 0..=i {
                    hessian[i][j] += curve * x[i] * x[j];
                }
            }
        }
        for i in 0..=width {
            for j in 0..i {
                hessian[j][i] = hessian[i][j];
            }
            let penalty = if i < width { ridge } else { 1e-6 };
            gradient[i] -= penalty * beta[i];
            hessian[i][i] += penalty;
        }
        let step = solve(hessian, gradient);
        let size = step.iter().map(|s| s.abs()).fold(0.0, f64::max);
        beta.iter_mut().zip(&step).for_each(|(b, s)| *b += s);
        if size < 1e-6 {
            break;
        }
    }
    let mut bias = beta[width];
    let mut weights = BTreeMap::new();
    for i in 0..width {
        if scale[i] > 1e-9 {
            let weight = beta[i] / scale[i];
            bias -= weight * mean[i];
            weights.insert(names[i].to_owned(), (weight * 1e4).round() / 1e4);
        }
    }
    Linear { bias: (bias * 1e4).round() / 1e4, weights }
}

/// Fits the networks by full-batch Adam (Kingma & Ba 2015), each from its own start.
fn committee(rows: &[&Row]) -> Committee {
    let width = verdict::NAMES.len();
    let n = rows.len() as f64;
    let mean: Vec<f64> = (0..width).map(|i| rows.iter().map(|row| row.x[i]).sum::<f64>() / n).collect();
    let scale: Vec<f64> = (0..width)
        .map(|i| (rows.iter().map(|row| (row.x[i] - mean[i]).powi(2)).sum::<f64>() / n).sqrt())
        .map(|s| if s > 1e-9 { s } else { 1.0 })
        .collect();
    let standard: Vec<Vec<f64>> =
        rows.iter().map(|row| (0..width).map(|i| (row.x[i] - mean[i]) / scale[i]).collect()).collect();
    let members = (0..MEMBERS).map(|seed| network(&standard, rows, seed)).collect();
    let round = |values: Vec<f64>| values.into_iter().map(|v| (v * 1e4).round() / 1e4).collect();
    Committee {
        features: verdict::NAMES.iter().map(|&name| name.to_owned()).collect(),
        mean: round(mean),
        scale: round(scale),
        members,
    }
}

fn network(x: &[Vec<f64>], rows: &[&Row], seed: u64) -> Network {
    let width = verdict::NAMES.len();
    let unit = width + 1;
    let size = HIDDEN * unit + HIDDEN + 1;
    // splitmix64 (Steele et al. 2014), so that a fit can be repeated
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
    let mut random = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64 * 2.0 - 1.0
    };
    let spread = (6.0 / (width + HIDDEN) as f64).sqrt();
    let mut w: Vec<f64> = (0..size).map(|_| random() * spread).collect();
    let (mut m, mut v) = (vec![0.0; size], vec![0.0; size]);
    for step in 1..=STEPS {
        let mut gradient = vec![0.0; size];
        for (x, row) in x.iter().zip(rows) {
            let output = &w[HIDDEN * unit..];
            let h: Vec<f64> = (0..HIDDEN).map(|k| activation(&w[k * unit..(k + 1) * unit], x)).collect();
            let logit = output[HIDDEN] + h.iter().zip(output).map(|(a, b)| a * b).sum::<f64>();
            let error = row.w * (probability(logit) - f64::from(u8::from(row.y)));
            gradient[HIDDEN * unit + HIDDEN] += error;
            for k in 0..HIDDEN {
                gradient[HIDDEN * unit + k] += error * h[k];
                let back = error * output[k] * (1.0 - h[k] * h[k]);
                let part = &mut gradient[k * unit..(k + 1) * unit];
                part[width] += back;
                part.iter_mut().zip(x).for_each(|(g, x)| *g += back * x);
            }
        }
        let rate = 0.03 * (1.0 - 0.9 * f64::from(step) / f64::from(STEPS));
        for i in 0..size {
            let bias = if i < HIDDEN * unit { i % unit == width } else { i == size - 1 };
            let g = gradient[i] + if bias { 0.0 } else { VERDICT_RIDGE * w[i] };
            m[i] = 0.9 * m[i] + 0.1 * g;
            v[i] = 0.999 * v[i] + 0.001 * g * g;
            let (mh, vh) = (m[i] / (1.0 - 0.9f64.powi(step)), v[i] / (1.0 - 0.999f64.powi(step)));
            w[i] -= rate * mh / (vh.sqrt() + 1e-8);
        }
    }
    for w in &mut w {
        *w = (*w * 1e4).round() / 1e4;
    }
    Network {
        hidden: (0..HIDDEN).map(|k| w[k * unit..(k + 1) * unit].to_vec()).collect(),
        output: w[HIDDEN * unit..].to_vec(),
    }
}

/// Gaussian elimination with pivoting.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for column in 0..n {
        let pivot = (column..n).max_by(|&i, &j| a[i][column].abs().total_cmp(&a[j][column].abs())).unwrap_or(column);
        a.swap(column, pivot);
        b.swap(column, pivot);
        for row in column + 1..n {
            let factor = a[row][column] / a[column][column];
            let (upper, lower) = a.split_at_mut(row);
            for (x, y) in lower[0][column..].iter_mut().zip(&upper[column][column..]) {
                *x -= factor * y;
            }
            b[row] -= factor * b[column];
        }
    }
    for row in (0..n).rev() {
        let sum: f64 = (row + 1..n).map(|k| a[row][k] * b[k]).sum();
        b[row] = (b[row] - sum) / a[row][row];
    }
    b
}
