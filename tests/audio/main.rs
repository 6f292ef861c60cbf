//! Reading recordings from files: every layout, every format, every kind of damage.

mod formats;
mod hostile;
mod layouts;
mod make;
mod malformed;
