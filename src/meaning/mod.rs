//! How near two sentences are in meaning: sentence embeddings, run locally.
