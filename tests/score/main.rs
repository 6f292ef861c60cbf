//! `viva score` as a user meets it: files in, results and messages out.

mod bad_input;
mod harness;
mod outputs;
mod processes;
mod recordings;
mod transcripts;
