//! Models: the manifest, fetching, conversion, verification.

pub mod convert;
pub mod ct2;
pub mod ggml;
pub mod mel;
