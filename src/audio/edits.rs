//! The part of an MP4's sound track that is meant to be heard.
//!
//! AAC encoders put one or two frames of silence first and fill the last frame up; the edit list of the container says
//! what to leave out, and symphonia 0.6 does not read it. Phones write M4A, so every time would be 20 to 130 ms late.

use std::io::{self, Read, Seek, SeekFrom};

/// Boxes that are looked at before the search is given up; a recording has some dozens before its samples.
const MAX_BOXES: usize = 4096;

/// What an edit list says of the sound track, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Edit {
    /// Sound at the start that is not meant to be heard.
    pub skip_s: f64,
    /// Length of what is; `None` when the list does not say.
    pub keep_s: Option<f64>,
}

/// One box: its kind, and where its body begins and ends.
struct Atom {
    kind: [u8; 4],
    start: u64,
    end: u64,
}

/// What is known of a track so far.
#[derive(Default)]
struct Track {
    sound: bool,
    timescale: Option<u32>,
    /// Duration in the movie's units and start in the track's.
    edit: Option<(u64, u64)>,
}

/// Finds the edit of the first sound track. `None` when there is none, or when the file is damaged: then nothing is
/// left out.
pub(super) fn find(reader: &mut (impl Read + Seek)) -> Option<Edit> {
    let end = reader.seek(SeekFrom::End(0)).ok()?;
    let mut budget = MAX_BOXES;
    let movie = children(reader, 0, end, &mut budget).into_iter().find(|atom| &atom.kind == b"moov")?;
    let mut movie_timescale = None;
    for atom in children(reader, movie.start, movie.end, &mut budget) {
        match &atom.kind {
            b"mvhd" => movie_timescale = timescale(reader, &atom),
            b"trak" => {
                let mut track = Track::default();
                track.read(reader, &atom, &mut budget);
                if track.sound {
                    let (duration, start) = track.edit?;
                    let skip_s = start as f64 / f64::from(track.timescale?);
                    let keep_s =
                        movie_timescale.filter(|_| duration > 0).map(|scale| duration as f64 / f64::from(scale));
                    return Some(Edit { skip_s, keep_s });
                }
            }
            _ => {}
        }
    }
    None
}

impl Track {
    fn read(&mut self, reader: &mut (impl Read + Seek), parent: &Atom, budget: &mut usize) {
        for atom in children(reader, parent.start, parent.end, budget) {
            match &atom.kind {
                b"mdia" | b"edts" => self.read(reader, &atom, budget),
                b"mdhd" => self.timescale = timescale(reader, &atom),
                b"hdlr" => {
                    self.sound = bytes::<12>(reader, atom.start, atom.end).is_ok_and(|body| &body[8..] == b"soun");
                }
                b"elst" => self.edit = edit(reader, &atom),
                _ => {}
            }
        }
    }
}

/// The boxes between two places of the file.
fn children(reader: &mut (impl Read + Seek), mut at: u64, end: u64, budget: &mut usize) -> Vec<Atom> {
    let mut found = Vec::new();
    while *budget > 0 {
        *budget -= 1;
        let Ok([s0, s1, s2, s3, k0, k1, k2, k3]) = bytes::<8>(reader, at, end) else { break };
        let (header, size) = match u32::from_be_bytes([s0, s1, s2, s3]) {
            0 => (8, end - at),
            1 => match bytes::<8>(reader, at + 8, end) {
                Ok(long) => (16, u64::from_be_bytes(long)),
                Err(_) => break,
            },
            size => (8, u64::from(size)),
        };
        let Some(next) = at.checked_add(size).filter(|next| size >= header && *next <= end) else { break };
        found.push(Atom { kind: [k0, k1, k2, k3], start: at + header, end: next });
        at = next;
    }
    found
}

/// Reads bytes that must lie before `end`.
fn bytes<const N: usize>(reader: &mut (impl Read + Seek), at: u64, end: u64) -> io::Result<[u8; N]> {
    if at.checked_add(N as u64).is_none_or(|past| past > end) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut buffer = [0; N];
    reader.seek(SeekFrom::Start(at))?;
    reader.read_exact(&mut buffer)?;
    Ok(buffer)
}

/// Units a second of an `mvhd` or `mdhd` box, whose times before it have 32 or 64 bits.
fn timescale(reader: &mut (impl Read + Seek), atom: &Atom) -> Option<u32> {
    let [version, ..] = bytes::<4>(reader, atom.start, atom.end).ok()?;
    let offset = if version == 1 { 20 } else { 12 };
    bytes::<4>(reader, atom.start + offset, atom.end).ok().map(u32::from_be_bytes).filter(|scale| *scale > 0)
}

/// The one edit of an `elst` box. A list that cuts and joins is left alone.
fn edit(reader: &mut (impl Read + Seek), atom: &Atom) -> Option<(u64, u64)> {
    let [version, _, _, _, c0, c1, c2, c3] = bytes::<8>(reader, atom.start, atom.end).ok()?;
    if u32::from_be_bytes([c0, c1, c2, c3]) != 1 {
        return None;
    }
    let body = atom.start + 8;
    let (duration, start) = if version == 1 {
        let duration = u64::from_be_bytes(bytes(reader, body, atom.end).ok()?);
        (duration, i64::from_be_bytes(bytes(reader, body + 8, atom.end).ok()?))
    } else {
        let duration = u32::from_be_bytes(bytes(reader, body, atom.end).ok()?);
        (duration.into(), i32::from_be_bytes(bytes(reader, body + 4, atom.end).ok()?).into())
    };
    Some((duration, u64::try_from(start).ok()?))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn atom(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32 + 8).to_be_bytes()[..], &kind, body].concat()
    }

    fn header(kind: [u8; 4], timescale: u32) -> Vec<u8> {
        atom(kind, &[&[0; 12][..], &timescale.to_be_bytes(), &[0; 4]].concat())
    }

    fn track(handler: [u8; 4], entries: &[(u32, i32)]) -> Vec<u8> {
        let mut list = [&[0; 4][..], &(entries.len() as u32).to_be_bytes()].concat();
        for (duration, start) in entries {
            list.extend([&duration.to_be_bytes()[..], &start.to_be_bytes(), &[0, 1, 0, 0]].concat());
        }
        let media = [header(*b"mdhd", 48_000), atom(*b"hdlr", &[&[0; 8][..], &handler, &[0; 12]].concat())].concat();
        atom(*b"trak", &[atom(*b"edts", &atom(*b"elst", &list)), atom(*b"mdia", &media)].concat())
    }

    fn found(tracks: &[Vec<u8>]) -> Option<Edit> {
        let movie = [vec![header(*b"mvhd", 1_000)], tracks.to_vec()].concat().concat();
        let file = [atom(*b"ftyp", b"M4A \0\0\0\0"), atom(*b"mdat", &[7; 99]), atom(*b"moov", &movie)].concat();
        find(&mut Cursor::new(file))
    }

    #[test]
    fn reads_the_sound_track_and_no_other() {
        let expected = Some(Edit { skip_s: 2_112.0 / 48_000.0, keep_s: Some(90.0) });
        assert_eq!(found(&[track(*b"vide", &[(5, 5)]), track(*b"soun", &[(90_000, 2_112)])]), expected);
        assert_eq!(found(&[track(*b"vide", &[(90_000, 2_112)])]), None);
    }

    #[test]
    fn leaves_lists_alone_that_do_more_than_trim() {
        assert_eq!(found(&[track(*b"soun", &[(1, 2), (3, 4)])]), None);
        assert_eq!(found(&[track(*b"soun", &[(500, -1)])]), None);
        assert_eq!(found(&[track(*b"soun", &[(0, 1_024)])]).and_then(|edit| edit.keep_s), None);
    }

    #[test]
    fn survives_boxes_that_lie() {
        for size in [0_u32, 1, 2, 7, 8, 0x7FFF_FFFF, u32::MAX] {
            let file = [&size.to_be_bytes()[..], b"moov", &size.to_be_bytes(), b"trak", &[0xFF; 40]].concat();
            assert_eq!(find(&mut Cursor::new(file)), None);
        }
        assert_eq!(find(&mut Cursor::new([0, 0, 0, 8, b'f', b'r', b'e', b'e'].repeat(100_000))), None);
    }
}
