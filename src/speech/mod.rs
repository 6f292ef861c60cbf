//! From samples to words: voice activity, recognition, verbatim decoding.
