//! What a file is, from its first bytes.

/// How many bytes [`content`] wants to see.
pub(super) const HEAD_BYTES: usize = 512;

/// What the first bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// RIFF, RIFX, RF64 or BW64 with WAVE inside.
    Wave,
    /// A format that is decoded elsewhere, by name.
    Audio(&'static str),
    /// Sound that is not read, by name.
    Unsupported(&'static str),
    /// No sound at all, by name.
    Foreign(&'static str),
    /// Nothing that is known. MPEG audio need not begin with a marker, so decoding is worth a try.
    Unknown,
}

/// Markers at the very start. Longer ones stand before those they begin with.
const MARKERS: [(&[u8], Content); 27] = [
    (b"fLaC", Content::Audio("FLAC")),
    (b"OggS", Content::Audio("Ogg")),
    (b"caff", Content::Audio("CAF")),
    (b"ID3", Content::Audio("MP3")),
    (b"\x1aE\xdf\xa3", Content::Audio("Matroska or WebM")),
    (b"riff\x2e\x91\xcf\x11", Content::Unsupported("Sony Wave64")),
    (b"#!AMR", Content::Unsupported("AMR speech")),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Content::Unsupported("Windows Media")),
    (b"wvpk", Content::Unsupported("WavPack")),
    (b"MAC ", Content::Unsupported("Monkey's Audio")),
    (b".snd", Content::Unsupported("Sun audio")),
    (b"MPCK", Content::Unsupported("Musepack")),
    (b"FLV\x01", Content::Unsupported("Flash video")),
    (b"\x00\x00\x01\xba", Content::Unsupported("MPEG video")),
    (b"MThd", Content::Foreign("a MIDI score")),
    (b"%PDF", Content::Foreign("a PDF document")),
    (b"PK\x03\x04", Content::Foreign("a ZIP archive or an office document")),
    (b"\x1f\x8b", Content::Foreign("a gzip archive")),
    (b"7z\xbc\xaf\x27\x1c", Content::Foreign("a 7-Zip archive")),
    (b"\x89PNG", Content::Foreign("a PNG picture")),
    (b"\xff\xd8\xff", Content::Foreign("a JPEG picture")),
    (b"GIF8", Content::Foreign("a GIF picture")),
    (b"\x7fELF", Content::Foreign("a program")),
    (b"MZ", Content::Foreign("a program")),
    (b"SQLite format 3", Content::Foreign("a database")),
    (b"ggml", Content::Foreign("a speech model")),
    (b"lmgg", Content::Foreign("a speech model")),
];

/// Tells what the first bytes of a file say; `head` holds up to [`HEAD_BYTES`] of them.
pub(super) fn content(head: &[u8]) -> Content {
    let form = head.get(8..12).unwrap_or_default();
    match (head.get(..4).unwrap_or_default(), form) {
        // one that is cut off before its form is still a WAVE header, and the error should say so
        (b"RIFF" | b"RIFX" | b"RF64" | b"BW64", b"WAVE" | b"") => return Content::Wave,
        (b"RIFF", b"AVI ") => return Content::Unsupported("AVI video"),
        (b"RIFF", b"WEBP") => return Content::Foreign("a WebP picture"),
        (b"FORM", b"AIFF" | b"AIFC") => return Content::Audio("AIFF"),
        _ => {}
    }
    if head.get(4..8) == Some(b"ftyp") {
        return match form {
            b"heic" | b"heix" | b"mif1" | b"avif" => Content::Foreign("a picture"),
            _ => Content::Audio("MP4"),
        };
    }
    if let Some((_, content)) = MARKERS.iter().find(|(marker, _)| head.starts_with(marker)) {
        return *content;
    }
    if head.iter().all(|byte| *byte == 0) {
        return Content::Foreign("nothing but zeros");
    }
    if is_text(head) { Content::Foreign("text") } else { Content::Unknown }
}

/// Whether bytes are text: UTF-8 (perhaps cut off at the end) without control characters, or UTF-16 with its mark.
fn is_text(head: &[u8]) -> bool {
    if head.starts_with(b"\xff\xfe") && head.get(3) == Some(&0) {
        return true;
    }
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !valid.is_empty() && !valid.chars().any(|letter| letter.is_control() && !"\n\r\t\u{c}\u{1b}".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_formats_by_their_content() {
        assert_eq!(content(b"RIFF\x24\x00\x00\x00WAVEfmt "), Content::Wave);
        assert_eq!(content(b"RF64\xff\xff\xff\xffWAVEds64"), Content::Wave);
        assert_eq!(content(b"fLaC\x00\x00\x00\x22"), Content::Audio("FLAC"));
        assert_eq!(content(b"\x00\x00\x00\x20ftypM4A "), Content::Audio("MP4"));
        assert_eq!(content(b"RIFF\x24\x00\x00\x00AVI LIST"), Content::Unsupported("AVI video"));
        assert_eq!(content(b"\xff\xfb\x90\x64\x00\x00"), Content::Unknown, "MPEG audio without a tag is decoded");
    }

    #[test]
    fn tells_text_from_sound() {
        assert_eq!(content(b"Dear diary,\nI was asked about queues."), Content::Foreign("text"));
        let mut cut = "naïve".repeat(200).into_bytes();
        cut.truncate(511);
        assert_eq!(content(&cut), Content::Foreign("text"), "a letter cut in two at the end of the head");
        assert_eq!(content(b"\xff\xfeh\x00i\x00"), Content::Foreign("text"));
        assert_eq!(content(&[0; 512]), Content::Foreign("nothing but zeros"));
        assert_eq!(content(b"ab\x01\x02cd"), Content::Unknown);
    }
}
