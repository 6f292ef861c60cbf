//! What belongs to the user: banks, files and what they are made into, and where Viva keeps it.

/// Question banks: those that come with Viva and the user's own.
pub mod banks;
/// Directories.
pub mod home;
pub mod intake;
pub mod private;
pub mod recogniser;
pub mod scoring;
mod sense;
pub mod transcript;
