//! Fetching from a real local server.
