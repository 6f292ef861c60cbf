//! Costs, in units of one standard deviation squared and halved (−log likelihood up to a constant). Set by hand from
//! what they stand for, and adjusted on the eight recordings and 63 hand-timed words that README names under “Accuracy”.

/// Distance from the recogniser's onset that costs 1, in seconds.
pub const ONSET_S: f64 = 0.08;
/// The most that a wrong onset costs: the recogniser's times are far off now and then.
pub const ONSET_MOST: f64 = 4.0;
/// The same after a comma or full stop, where the recogniser's onset lies anywhere in the pause.
pub const ONSET_MOST_AFTER_BREAK: f64 = 1.5;
/// Distance from the recogniser's end that costs 1, in seconds.
pub const END_S: f64 = 0.2;
/// The most that a wrong end costs.
pub const END_MOST: f64 = 3.0;
/// Spread of the logarithm of a word's length around that of its syllables.
pub const LENGTH_SPREAD: f64 = 0.45;
/// The most that a strange length costs.
pub const LENGTH_MOST: f64 = 6.0;
/// A silence inside a word.
pub const PAUSE: f64 = 3.0;
/// Each cell of loud speech that belongs to no word.
pub const NOTHING: f64 = 0.16;
/// Share of that for a quiet cell: breath and noise belong to no word.
pub const QUIET: f64 = 0.15;
/// What a written filled pause gains where the sound is held.
pub const HELD_WRITTEN: f64 = 4.0;
/// What an unwritten one gains there.
pub const HELD: f64 = 2.0;
/// A filled pause that the recogniser did not write.
pub const UNWRITTEN: f64 = 4.2;
/// What it gains when the recogniser nearly wrote it, for each factor of e over [`LEAST_SHARE`].
pub const SHARE: f64 = 0.5;
/// Share of the probability from which the recogniser nearly wrote a filler.
pub const LEAST_SHARE: f64 = 0.01;
/// What it gains beside a silence, where most filled pauses stand (Clark and Fox Tree 2002).
pub const BESIDE_SILENCE: f64 = 0.7;
