//! Reading recordings from files: every layout, every format, every kind of damage.

// that samples and lengths are exact is what these tests are about
#![allow(clippy::float_cmp)]

mod formats;
mod hostile;
mod layouts;
mod make;
mod malformed;
