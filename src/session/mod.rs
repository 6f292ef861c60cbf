//! Where Viva keeps what belongs to the user.

/// Question banks: those that come with Viva and the user's own.
pub mod banks;
/// Directories.
pub mod home;
