//! Renderers: each shows what stands in the feedback and computes nothing.
