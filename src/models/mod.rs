//! Models: the manifest, fetching, conversion, verification.
