//! How many syllables a written word has when it is spoken.
//!
//! Numbers, acronyms and symbols are first turned into what people say (`spoken.rs`); each spoken word is then
//! looked up in a table of exceptions and, if it is not there, counted by its vowel groups with the corrections that
//! English spelling needs: silent endings, syllabic l, and vowels that stand side by side and are spoken apart. The
//! exceptions are the frequent words of the CMU Pronouncing Dictionary for which the rules alone are wrong.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::spoken;

/// Words whose count the rules get wrong: a word and its syllables a line, from the CMU Pronouncing Dictionary.
static EXCEPTIONS: LazyLock<HashMap<&'static str, u32>> = LazyLock::new(|| {
    include_str!("syllables.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(word, count)| count.parse().ok().map(|count| (word, count)))
        .collect()
});

/// Syllables of a token as a transcriber writes it, punctuation and all: "production," 3, "CI/CD" 4, "2021" 5.
///
/// 0 for a token in which nothing is spoken, such as a lone dash.
pub fn syllables(token: &str) -> u32 {
    spoken::words(token).iter().map(|word| spoken_word(word)).sum()
}

/// Syllables of one spoken word in lower case, letters and apostrophes only; at least 1 unless it has no letters.
fn spoken_word(word: &str) -> u32 {
    if !word.chars().any(char::is_alphabetic) {
        return 0;
    }
    // the name of a letter: double-u alone has more than one syllable
    if word.chars().count() == 1 {
        return if word == "w" { 3 } else { 1 };
    }
    if let Some(count) = EXCEPTIONS.get(word) {
        return *count;
    }
    match word.find('\'') {
        Some(at) => contracted(&word[..at], &word[at + 1..]),
        None => by_rule(word),
    }
}

/// Syllables of a contraction or possessive: the stem, and one more where the ending cannot lean on it.
fn contracted(stem: &str, ending: &str) -> u32 {
    let (stem, negated) = match (ending, stem.strip_suffix('n')) {
        ("t", Some(verb)) => (verb, true),
        _ => (stem, false),
    };
    if stem.is_empty() {
        return 1;
    }
    let count = EXCEPTIONS.get(stem).copied().unwrap_or_else(|| by_rule(stem));
    let vowel_end = stem.ends_with(is_vowel);
    let extra = match ending {
        // did-n't, has-n't, have-n't; but don't, can't, weren't
        "t" if negated => !(vowel_end && !stem.ends_with("ve") || stem.ends_with(['n', 'r'])),
        // it'll, could've: a syllable of its own after a consonant
        "ll" | "ve" => !vowel_end,
        "d" => stem.ends_with(['t', 'd']),
        "s" => hisses(stem),
        _ => false,
    };
    count + u32::from(extra)
}

/// Whether a stem ends in a sound after which "-s" needs its own syllable: boxes, changes, churches.
fn hisses(stem: &str) -> bool {
    ["s", "x", "z", "ch", "sh", "ce", "ge", "se", "ze"].iter().any(|end| stem.ends_with(end))
}

fn is_vowel(letter: char) -> bool {
    matches!(
        letter,
        'a' | 'e'
            | 'i'
            | 'o'
            | 'u'
            | 'y'
            | 'à'
            | 'á'
            | 'â'
            | 'ä'
            | 'è'
            | 'é'
            | 'ê'
            | 'ë'
            | 'í'
            | 'ï'
            | 'ó'
            | 'ô'
            | 'ö'
            | 'ú'
            | 'ü'
    )
}

/// Syllables by spelling alone.
fn by_rule(word: &str) -> u32 {
    let letters: Vec<char> = word.chars().filter(|letter| letter.is_alphabetic()).collect();
    let count = vowel_groups(&letters) + spoken_apart(word) - silent_endings(word, &letters) - silent_inside(word);
    count.max(1) as u32
}

/// Runs of vowels; a y that begins a word or stands between two vowels is a consonant.
fn vowel_groups(letters: &[char]) -> i32 {
    let mut groups = 0;
    let mut inside = false;
    for (index, letter) in letters.iter().enumerate() {
        let next_is_vowel = letters.get(index + 1).is_some_and(|next| is_vowel(*next));
        let consonant_y = *letter == 'y'
            && next_is_vowel
            && (index == 0 || inside && !letters[index + 1..].starts_with(&['i', 'n', 'g']));
        let vowel = is_vowel(*letter) && !consonant_y && !(*letter == 'u' && index > 0 && letters[index - 1] == 'q');
        groups += i32::from(vowel && !inside);
        inside = vowel;
    }
    groups
}

/// Groups at the end that are written and not spoken: make, stored, places' first e.
fn silent_endings(word: &str, letters: &[char]) -> i32 {
    let back = |n: usize| letters.len().checked_sub(n).map(|at| letters[at]);
    let consonant = |n: usize| back(n).is_some_and(|letter| !is_vowel(letter));
    // tab-le, hand-led, but gazelle, called
    let syllabic_l = |n: usize| back(n) == Some('l') && consonant(n + 1) && back(n + 1) != Some('l');
    let silent =
        if ["gue", "que", "gues", "ques", "eyed", "ayed", "oyed", "eyes", "ayes"].iter().any(|end| word.ends_with(end))
        {
            // intrigue, technique, surveyed: one vowel run already, or two that are one
            word.ends_with("yed") || word.ends_with("yes") || word.len() > 4
        } else if word.ends_with("ed") {
            consonant(3) && !matches!(back(3), Some('t' | 'd')) && !syllabic_l(3)
        } else if let Some(stem) = word.strip_suffix("es") {
            let hissing = ["s", "x", "z", "ch", "sh", "c", "g"].iter().any(|end| stem.ends_with(end));
            consonant(3) && !hissing && !syllabic_l(3)
        } else if word.ends_with('e') {
            consonant(2) && !syllabic_l(2)
        } else {
            false
        };
    i32::from(silent)
}

/// Silent e before an ending that begins with a consonant: safe-ly, manage-ment, use-less, any-where's kin.
fn silent_inside(word: &str) -> i32 {
    const ENDINGS: [&str; 12] =
        ["ely", "ement", "ements", "eless", "eness", "eful", "efully", "elessly", "ewhere", "etime", "ething", "ebody"];
    let found = ENDINGS.iter().any(|ending| {
        word.strip_suffix(ending).is_some_and(|stem| {
            let mut back = stem.chars().rev();
            back.next().is_some_and(|letter| !is_vowel(letter)) && stem.chars().any(is_vowel)
        })
    });
    // dynamic-ally
    i32::from(found) + i32::from(word.ends_with("ically"))
}

/// Vowels that stand side by side and are spoken apart, and syllables that no vowel letter shows.
fn spoken_apart(word: &str) -> i32 {
    let mut more = 0;
    let bytes = word.as_bytes();
    for at in 0..bytes.len().saturating_sub(1) {
        let before = at.checked_sub(1).map(|index| bytes[index]);
        let softened = matches!(before, Some(b'c' | b't' | b's' | b'g' | b'x'));
        let rest = &bytes[at..];
        more += i32::from(match &rest[..2] {
            // medi-a, vari-ous, audi-o, but spe-cial, na-tion, re-gion
            b"ia" | b"io" => {
                !softened && before.is_some_and(|letter| !b"aeou".contains(&letter)) || rest == b"io" && softened
            }
            b"iu" | b"eo" => before.is_some_and(|letter| !b"aeou".contains(&letter)) && !(softened && rest.len() > 2),
            // actu-al, continu-ous, but guard, language
            b"ua" | b"uo" => !matches!(before, Some(b'q' | b'g' | b's')),
            // be-ing, do-ing, continu-ing, see-ing
            b"ei" | b"oi" | b"ui" | b"ai" => rest == b"eing" || rest == b"ying" || rest == b"oing" || rest == b"uing",
            // earli-er, happi-est, but pier
            b"ie" => {
                (rest == b"ier"
                    || rest == b"iest"
                    || rest == b"iers"
                    || rest == b"iet"
                    || rest == b"iety"
                    || rest.starts_with(b"ienc")
                    || rest.starts_with(b"ient"))
                    && at > 1
                    && !matches!(before, Some(b'c' | b't'))
            }
            // rhyth-m, mechanis-m
            b"sm" => rest == b"sm" || rest == b"sms",
            b"hm" => rest == b"hm" || rest == b"hms",
            // play-ing
            b"ay" | b"oy" | b"ey" => rest.len() > 2 && rest[1..] == *b"ying",
            // cre-ate, the-atre, are-a
            b"ea" => word[..at].ends_with("cr") && rest.starts_with(b"eat") || rest == b"ea" && at > 2,
            b"yi" => rest == b"ying" && before.is_some_and(|letter| !b"aeiou".contains(&letter)),
            _ => false,
        });
    }
    more
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Share of the table's words of one set that are counted as the dictionary counts them.
    fn accuracy(set: &str) -> (usize, f64) {
        let (mut right, mut all) = (0, 0);
        for line in include_str!("../../tests/data/syllables.tsv").lines().filter(|line| line.starts_with(set)) {
            let mut fields = line.split('\t').skip(1);
            let (word, counts) = (fields.next().unwrap(), fields.next().unwrap());
            all += 1;
            right += usize::from(counts.split(',').any(|count| count.parse() == Ok(syllables(word))));
        }
        (all, right as f64 / all as f64)
    }

    /// High by construction: the exceptions come from the same dictionary. It guards the rules and the table together.
    #[test]
    fn counts_common_words_as_the_dictionary_does() {
        let (words, share) = accuracy("common");
        println!("{words} common words: {share:.3}");
        assert!(words >= 300 && share >= 0.97, "{share}");
    }

    /// Words too rare for the table of exceptions: what the rules alone are worth.
    #[test]
    fn counts_rare_words_by_rule() {
        let (words, share) = accuracy("rare");
        println!("{words} rare words: {share:.3}");
        assert!(words >= 300 && share >= 0.90, "{share}");
    }

    /// Spoken words of interviews, counted by ear and not from the dictionary.
    #[test]
    fn counts_what_candidates_say() {
        let table = "production 3,database 3,environment 4,infrastructure 4,interview 3,basically 3,actually 4,probably 3,\
            literally 4,Terraform 3,Kubernetes 4,Postgres 2,PostgreSQL 4,GitHub 2,LaunchDarkly 3,JSON 2,YAML 2,SLO 3,SLOs 3,\
            CI/CD 4,AWS 5,EC2 3,S3 2,p95 4,2021 5,40 2,99.9% 7,24/7 5,$40k 5,3rd 1,microservices 5,service 2,services 3,\
            deployed 2,handled 2,called 1,needed 2,failed 1,tables 2,caches 2,queue 1,queues 1,queued 1,rollback 2,runbook 2,\
            didn't 2,couldn't 2,wasn't 2,don't 1,can't 1,weren't 1,haven't 2,it'll 2,we'll 1,could've 2,they're 1,I'd 1,\
            everything 3,everybody 4,something 2,whatever 3,management 3,useless 2,safely 2,people 2,idea 3,area 3,video 3,\
            audio 3,scenario 4,period 3,various 3,social 2,nation 2,region 2,create 2,created 3,being 2,doing 2,trying 2,\
            playing 2,earlier 3,mechanism 4,rhythm 2,technique 2,surveyed 2,customers 3,customer's 3,bosses 2,boss's 2,\
            monolith 3,architecture 4,scalability 5,observability 6,latency 3,throughput 2,availability 6,engineer 3,\
            engineering 4,manager 3,colleague 2,colleagues 2,quarter 2,quarterly 3,hospital 3,laundry 2,patient 2,patients 2,\
            nurse 1,teacher 2,science 2,scientific 4,reliable 4,reliability 6,secrets 2,encrypted 3,keys 1,role 1,roles 1,\
            VPN 3,RFID 4,MFA 3,README 2,Jenkins 2,napkin 2,really 2,sure 1,hour 1,hours 1,our 1,fire 1,our 1";
        let wrong: Vec<String> = table
            .split(',')
            .filter_map(|entry| entry.trim().rsplit_once(' '))
            .filter_map(|(word, count)| {
                let counted = syllables(word);
                (count.parse() != Ok(counted)).then(|| format!("{word}: {counted}, by ear {count}"))
            })
            .collect();
        assert!(wrong.len() <= 3, "{wrong:?}");
        println!("not as by ear: {wrong:?}");
    }

    #[test]
    fn nothing_spoken_is_no_syllable() {
        assert_eq!(syllables("—"), 0);
        assert_eq!(syllables("..."), 0);
        assert_eq!(syllables(""), 0);
    }

    proptest::proptest! {
        #[test]
        fn any_letter_makes_a_syllable(word in "[a-z]{1,20}") {
            proptest::prop_assert!((1..=20).contains(&syllables(&word)));
        }

        #[test]
        fn never_panics(word in "\\PC{0,16}") {
            let _ = syllables(&word);
        }
    }
}
