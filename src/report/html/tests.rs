use super::*;
use crate::report::sample;

/// Elements that have no end.
const VOID: [&str; 3] = ["meta", "br", "!DOCTYPE"];

/// The tags of a page in order, each with its attributes; fails where they are not balanced.
fn tags(page: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        let (tag, after) = rest[start + 1..].split_once('>').expect("a tag that does not end");
        assert!(!tag.contains('<'), "a tag inside a tag: {tag}");
        rest = after;
        tags.push(tag.to_owned());
        let name = tag.split_whitespace().next().unwrap_or_default();
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
        } else if !VOID.contains(&name) {
            open.push(name.to_owned());
        }
        if name == "style" {
            rest = &rest[rest.find("</style>").unwrap()..];
        }
    }
    assert_eq!(open, Vec::<String>::new());
    tags
}

#[test]
fn pages_are_well_formed() {
    for feedback in [sample::rich(), sample::transcript_only(), sample::unscorable(), sample::hostile()] {
        let page = html(&feedback);
        let tags = tags(&page);
        assert!(page.starts_with("<!DOCTYPE html>"));
        let ids: Vec<&str> =
            page.match_indices(" id=\"").map(|(at, _)| page[at + 5..].split('"').next().unwrap()).collect();
        let unique: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "{ids:?}");
        for label in page.match_indices("aria-labelledby=\"").map(|(at, _)| page[at + 17..].split('"').next().unwrap())
        {
            assert!(ids.contains(&label), "{label} labels nothing");
        }
        assert_eq!(tags.iter().filter(|tag| tag.starts_with("h1")).count(), 1);
    }
}

#[test]
fn text_from_outside_cannot_write_markup() {
    let page = html(&sample::hostile());
    let tags = tags(&page);
    assert!(!tags.iter().any(|tag| tag.starts_with("script") || tag.contains("onerror")), "{tags:?}");
    // nothing that ends the style sheet early, and no attribute that text could have opened
    assert_eq!(page.matches("</style>").count(), 1);
    assert!(page.contains("&lt;script&gt;"));
    assert!(!page.chars().any(|c| c.is_control() && c != '\n'));
    assert!(!page.contains('\u{202e}'));
    assert!(!page.contains("NaN") && !page.contains(">inf"), "a figure that is no number");
}

#[test]
fn the_page_needs_nothing_but_itself() {
    let page = html(&sample::rich());
    for outside in ["http:", "https:", "src=", "href=", "url(", "@import", "<link", "style=\""] {
        assert!(!page.contains(outside), "{outside}");
    }
    // the policy allows this very style sheet
    let hash = BASE64.encode(Sha256::digest(page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0));
    assert!(
        page.contains(&format!("style-src 'sha256-{hash}'"))
            || page.contains(&format!("style-src &#39;sha256-{hash}&#39;"))
    );
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn everything_that_the_feedback_says_is_shown() {
    let feedback = sample::rich();
    let page = html(&feedback);
    let shown = |text: &str| {
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        assert!(page.contains(&escaped), "{text}");
    };
    for advice in &feedback.advice {
        shown(&advice.message);
    }
    for concept in &feedback.coverage.as_ref().unwrap().concepts {
        shown(&concept.label);
        concept.evidence.iter().for_each(|quote| shown(&quote.quote));
    }
    for text in
        ["143 words a minute", "4.2 syllables a second", "86 %", "0.25 s", "6.4 / min", "0:23", "Tavakoli &amp; Skehan"]
    {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn without_times_there_is_no_time_line_and_no_zero() {
    let page = html(&sample::transcript_only());
    assert!(!page.contains("id=\"timeline\"") && page.contains(texts::NOT_MEASURED));
    assert!(!page.contains("0:00") && !page.contains(">0<") && !page.contains("0.0 "));
}

#[test]
fn an_unscorable_recording_gets_the_reason_and_no_figure() {
    let page = html(&sample::unscorable());
    assert!(page.contains("silent from start to end"));
    assert!(!page.contains("tiles\"") && !page.contains("wpm") && !page.contains("id=\"timing\""));
}

#[test]
#[ignore = "writes pages to look at, into the directory that VIVA_PAGES names"]
fn write_pages() {
    let directory = std::path::PathBuf::from(std::env::var_os("VIVA_PAGES").expect("VIVA_PAGES"));
    for (name, feedback) in [
        ("rich", sample::rich()),
        ("transcript", sample::transcript_only()),
        ("unscorable", sample::unscorable()),
        ("hostile", sample::hostile()),
    ] {
        std::fs::write(directory.join(format!("{name}.html")), html(&feedback)).unwrap();
    }
}
