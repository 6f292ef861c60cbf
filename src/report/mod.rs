//! Renderers: each shows what stands in the feedback and computes nothing.
//!
//! Text that comes from outside (banks, file names, transcripts, messages that quote them) goes through [`clean`]
//! before it reaches a screen or a page.

mod clean;
mod figures;
mod flow;
mod format;
/// One self-contained HTML page.
pub mod html;
/// The contract as text.
pub mod json;
pub(crate) mod page;
/// A report for the terminal.
pub mod terminal;
/// Every word that reports say about measures, in one place.
pub mod texts;

#[cfg(test)]
mod sample;

pub use clean::{clean, clean_lines};
pub use format::{clock, length};
pub use html::html;
pub use terminal::terminal;
