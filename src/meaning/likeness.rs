//! Comparing an answer's passages with a question's texts.

use super::{Cached, Embedder, MeaningError, dot, normalise};
use crate::analysis::coverage::clauses::Answer;
use crate::bank::Question;
use crate::evidence::{Likeness, Word};
use std::ops::Range;

/// How near each passage of an answer lies to each text of the question. `words` are the answer's, verbatim.
///
/// # Errors
/// [`MeaningError::Run`] when the model fails on a text.
pub fn likeness<E: Embedder>(
    embedder: &Cached<E>,
    words: &[Word],
    question: &Question,
) -> Result<Likeness, MeaningError> {
    let texts: Vec<&str> = question.texts().into_iter().map(|(_, _, text)| text).collect();
    let bank = embedder.embed_texts(&texts)?;
    let answer = Answer::new(words);
    let clauses = clause_vectors(embedder.inner(), words, &answer)?;
    let mut likeness = Likeness::default();
    for passage in &answer.passages {
        let mut vector: Vec<f32> = Vec::new();
        for clause in &clauses[passage.clone()] {
            vector.resize(vector.len().max(clause.len()), 0.0);
            vector.iter_mut().zip(clause).for_each(|(sum, x)| *sum += x);
        }
        normalise(&mut vector);
        let range = answer.words_of(passage);
        likeness.clauses.push((range.start, range.end));
        likeness.cosine.push(bank.iter().map(|text| dot(text, &vector)).collect());
    }
    Ok(likeness)
}

/// The sum of the token vectors of each clause, from one run of the model for each sentence.
fn clause_vectors<E: Embedder>(embedder: &E, words: &[Word], answer: &Answer) -> Result<Vec<Vec<f32>>, MeaningError> {
    let mut vectors = Vec::with_capacity(answer.clauses.len());
    for sentence in answer.clauses.chunk_by(|a, b| a.sentence == b.sentence) {
        let mut text = String::new();
        let mut parts: Vec<Range<usize>> = Vec::with_capacity(sentence.len());
        for clause in sentence {
            let start = text.len();
            let mut last = None;
            for token in &answer.tokens[clause.tokens.clone()] {
                // two tokens of one word: "and/or"
                if last != Some(token.word) {
                    if !text.is_empty() {
                        text.push(' ');
                    }
                    text.push_str(&words[token.word].text);
                }
                last = Some(token.word);
            }
            parts.push(start..text.len());
        }
        // the mark that ends the text belongs to its last clause
        if let Some(part) = parts.last_mut() {
            part.end += 1;
        }
        vectors.extend(embedder.embed_parts(&text, &parts)?);
    }
    Ok(vectors)
}
