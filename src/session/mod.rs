//! Where Viva keeps what belongs to the user.

/// Directories.
pub mod home;
