//! Sound in and out of files: decoding, resampling, levels.
