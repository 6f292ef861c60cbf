//! What people say for a token as it is written: "2021" is "twenty twenty one", "SLO" is "s l o", "p95" "p ninety five".
//!
//! Transcribers write numbers, acronyms and symbols in their short form; rates need the spoken one.

/// Acronyms that are spoken as a word, with a respelling that is counted well.
const SPOKEN_ACRONYMS: [(&str, &str); 32] = [
    ("ASAP", "a s a p"),
    ("CIDR", "cider"),
    ("CRUD", "crud"),
    ("DORA", "dora"),
    ("GIF", "gif"),
    ("GUI", "gooey"),
    ("JPEG", "jaypeg"),
    ("JSON", "jason"),
    ("JWT", "jot"),
    ("LAN", "lan"),
    ("LDAP", "eldap"),
    ("LIFO", "lifo"),
    ("FIFO", "fifo"),
    ("NASA", "nasa"),
    ("NAT", "nat"),
    ("NATO", "nato"),
    ("OIDC", "o i d c"),
    ("OWASP", "owasp"),
    ("PIN", "pin"),
    ("RAG", "rag"),
    ("RAID", "raid"),
    ("RAM", "ram"),
    ("REST", "rest"),
    ("ROM", "rom"),
    ("SAML", "samel"),
    ("SIEM", "seem"),
    ("SIM", "sim"),
    ("SOC", "sock"),
    ("SWOT", "swot"),
    ("VRAM", "v ram"),
    ("WAN", "wan"),
    ("YAML", "yamel"),
];

/// Short forms and product names whose spelling does not show how they are said.
const SHORT_FORMS: [(&str, &str); 26] = [
    ("dr", "doctor"),
    ("e.g", "e g"),
    ("eg", "e g"),
    ("env", "env"),
    ("etc", "et cetera"),
    ("https", "h t t p s"),
    ("http", "h t t p"),
    ("i.e", "i e"),
    ("ie", "i e"),
    ("ios", "i o s"),
    ("k8s", "kubernetes"),
    ("kubernetes", "koobernettees"),
    ("mr", "mister"),
    ("mrs", "misses"),
    ("ms", "miz"),
    ("nginx", "engine x"),
    ("oauth", "o auth"),
    ("ok", "okay"),
    ("postgres", "postgress"),
    ("postgresql", "postgress q l"),
    ("readme", "reed mee"),
    ("saas", "sass"),
    ("sql", "s q l"),
    ("sre", "s r e"),
    ("vs", "versus"),
    ("x86", "x eighty six"),
];

/// Longest run of capitals that is spelled out letter by letter; longer ones are shouted words.
const LONGEST_SPELLED: usize = 5;

/// The spoken words of one token in lower case. Empty when nothing in it is spoken.
pub fn words(token: &str) -> Vec<String> {
    let token = token.trim_matches(|c: char| !c.is_alphanumeric() && !"%$€£&+#@'’".contains(c)).replace('’', "'");
    let token = token.trim_matches('\'');
    if let Some(short) = short_form(token) {
        return short.split(' ').map(str::to_owned).collect();
    }
    let mut spoken = Vec::new();
    let chars: Vec<char> = token.chars().collect();
    let mut at = 0;
    let mut currency = None;
    while at < chars.len() {
        let from = at;
        let first = chars[at];
        if first.is_ascii_digit() {
            while at < chars.len() && (chars[at].is_ascii_digit() || digits_go_on(&chars, at)) {
                at += 1;
            }
            let number: String = chars[from..at].iter().collect();
            let suffix: String =
                chars[at..].iter().take_while(|c| c.is_alphabetic()).collect::<String>().to_lowercase();
            let ordinal = matches!(suffix.as_str(), "st" | "nd" | "rd" | "th");
            let plural = suffix == "s" || chars[at..].starts_with(&['\'', 's']);
            say_number(&number, ordinal, &mut spoken);
            if ordinal {
                at += 2;
            } else if plural {
                pluralise(&mut spoken);
                at += if suffix == "s" { 1 } else { 2 };
            } else if let Some(unit) = unit(&suffix) {
                spoken.extend(unit.split(' ').map(str::to_owned));
                at += suffix.len();
            }
            spoken.extend(currency.take().map(str::to_owned));
        } else if first.is_alphabetic() {
            while at < chars.len() && (chars[at].is_alphabetic() || inner_apostrophe(&chars, at)) {
                at += 1;
            }
            for part in camel_parts(&chars[from..at]) {
                say_letters(&part, &mut spoken);
            }
        } else {
            match first {
                '$' => currency = Some("dollars"),
                '€' => currency = Some("euros"),
                '£' => currency = Some("pounds"),
                '%' => spoken.push("percent".to_owned()),
                '&' => spoken.push("and".to_owned()),
                '+' => spoken.push("plus".to_owned()),
                '@' => spoken.push("at".to_owned()),
                '#' => spoken.push("sharp".to_owned()),
                _ => {}
            }
            at += 1;
        }
    }
    spoken
}

fn short_form(token: &str) -> Option<&'static str> {
    let bare = token.trim_end_matches('.').to_lowercase();
    // "MS" and "MR" are letters, "Ms" is not
    let shouted = token.len() > 1 && token.chars().all(char::is_uppercase);
    let in_table = SHORT_FORMS.iter().find(|(written, _)| *written == bare).map(|(_, said)| *said);
    let acronym = SPOKEN_ACRONYMS.iter().find(|(written, _)| *written == token).map(|(_, said)| *said);
    acronym.or(in_table.filter(|said| !shouted || said.contains(' ') || bare == "ok" || bare == "saas"))
}

/// Whether a separator inside a number belongs to it: 1,000 and 99.9, but not the end of "40,".
fn digits_go_on(chars: &[char], at: usize) -> bool {
    matches!(chars[at], ',' | '.') && chars.get(at + 1).is_some_and(char::is_ascii_digit)
}

fn inner_apostrophe(chars: &[char], at: usize) -> bool {
    chars[at] == '\'' && chars.get(at + 1).is_some_and(|next| next.is_alphabetic())
}

/// Units and magnitudes written right behind a number.
fn unit(suffix: &str) -> Option<&'static str> {
    Some(match suffix {
        "k" => "k",
        "m" => "million",
        "bn" | "b" => "billion",
        "x" => "x",
        "ms" => "milliseconds",
        "h" => "hours",
        "am" => "a m",
        "pm" => "p m",
        "gb" => "gigabytes",
        "mb" => "megabytes",
        "tb" => "terabytes",
        "kb" => "kilobytes",
        _ => return None,
    })
}

fn pluralise(spoken: &mut [String]) {
    if let Some(last) = spoken.last_mut() {
        // nineties, sixes, hundreds
        *last = match last.strip_suffix('y') {
            Some(stem) => format!("{stem}ies"),
            None if last.ends_with('x') => format!("{last}es"),
            None => format!("{last}s"),
        };
    }
}

/// Splits `GitHub` into `Git` and `Hub`, `VMware` into `V` and `Mware`; leaves `McDonald` and plain words alone.
fn camel_parts(letters: &[char]) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let starts = letter.is_uppercase()
            && index > 0
            && (letters[index - 1].is_lowercase() && part != "Mc" && part != "Mac"
                || letters[index - 1].is_uppercase()
                    && letters
                        .get(index + 1)
                        .is_some_and(|next| next.is_lowercase() && !plural_tail(letters, index + 1)));
        if starts {
            parts.push(std::mem::take(&mut part));
        }
        part.push(*letter);
    }
    parts.push(part);
    parts
}

/// Whether what is left is only the s of a plural acronym: APIs, VPC's.
fn plural_tail(letters: &[char], at: usize) -> bool {
    matches!(letters[at..], ['s'] | ['\'', 's'])
}

/// One part of a word: an acronym's letters, or the word itself.
fn say_letters(part: &str, spoken: &mut Vec<String>) {
    let stem = part.strip_suffix("'s").or_else(|| part.strip_suffix('s')).unwrap_or(part);
    let capitals = stem.chars().count();
    let spelled = capitals > 1 && stem.chars().all(char::is_uppercase);
    if spelled && let Some((_, said)) = SPOKEN_ACRONYMS.iter().find(|(written, _)| *written == stem) {
        spoken.extend(said.split(' ').map(str::to_owned));
    } else if spelled && capitals <= LONGEST_SPELLED {
        spoken.extend(stem.to_lowercase().chars().map(String::from));
    } else {
        let lower = part.to_lowercase();
        let said = SHORT_FORMS.iter().find(|(written, _)| *written == lower).map_or(lower.as_str(), |(_, said)| said);
        spoken.extend(said.split(' ').map(str::to_owned));
    }
}

const UNITS: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const ORDINALS: [(&str, &str); 9] = [
    ("one", "first"),
    ("two", "second"),
    ("three", "third"),
    ("five", "fifth"),
    ("eight", "eighth"),
    ("nine", "ninth"),
    ("twelve", "twelfth"),
    ("four", "fourth"),
    ("six", "sixth"),
];

/// The words of a number with its separators: "1,000", "99.9", "2021" (read as a year), "10.0.0.1".
fn say_number(written: &str, ordinal: bool, spoken: &mut Vec<String>) {
    let plain = written.replace(',', "");
    let mut pieces = plain.split('.');
    let whole = pieces.next().unwrap_or_default();
    let is_year = plain == written && whole.len() == 4 && (whole.starts_with("19") || whole.starts_with("20"));
    match whole.parse::<u64>() {
        Ok(year) if is_year && !written.contains('.') && !(2000..2010).contains(&year) && year % 100 != 0 => {
            say_cardinal(year / 100, spoken);
            if year % 100 < 10 {
                spoken.push("o".to_owned());
            }
            say_cardinal(year % 100, spoken);
        }
        Ok(_) if whole.len() > 1 && whole.starts_with('0') => say_digits(whole, spoken),
        Ok(number) => say_cardinal(number, spoken),
        // more digits than anyone says as one number: read one by one
        Err(_) => say_digits(whole, spoken),
    }
    for piece in pieces {
        spoken.push("point".to_owned());
        say_digits(piece, spoken);
    }
    if ordinal && let Some(last) = spoken.last_mut() {
        let regular = last.strip_suffix('y').map_or_else(|| format!("{last}th"), |stem| format!("{stem}ieth"));
        *last = ORDINALS.iter().find(|(cardinal, _)| cardinal == last).map_or(regular, |(_, said)| (*said).to_owned());
    }
}

fn say_digits(digits: &str, spoken: &mut Vec<String>) {
    spoken.extend(digits.chars().filter_map(|c| c.to_digit(10)).map(|digit| UNITS[digit as usize].to_owned()));
}

fn say_cardinal(number: u64, spoken: &mut Vec<String>) {
    const SCALES: [(u64, &str); 4] =
        [(1_000_000_000_000, "trillion"), (1_000_000_000, "billion"), (1_000_000, "million"), (1_000, "thousand")];
    if let Some((scale, name)) = SCALES.iter().find(|(scale, _)| number >= *scale) {
        say_cardinal(number / scale, spoken);
        spoken.push((*name).to_owned());
        if !number.is_multiple_of(*scale) {
            say_cardinal(number % scale, spoken);
        }
    } else if number >= 100 {
        spoken.push(UNITS[(number / 100) as usize].to_owned());
        spoken.push("hundred".to_owned());
        if !number.is_multiple_of(100) {
            say_cardinal(number % 100, spoken);
        }
    } else if number >= 20 {
        spoken.push(TENS[(number / 10) as usize].to_owned());
        if !number.is_multiple_of(10) {
            say_cardinal(number % 10, spoken);
        }
    } else {
        spoken.push(UNITS[number as usize].to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_people_say() {
        for (written, said) in [
            ("2021", "twenty twenty one"),
            ("1999,", "nineteen ninety nine"),
            ("2008", "two thousand eight"),
            ("1905", "nineteen o five"),
            ("40", "forty"),
            ("1,000", "one thousand"),
            ("147,951", "one hundred forty seven thousand nine hundred fifty one"),
            ("99.95%", "ninety nine point nine five percent"),
            ("$40k", "forty k dollars"),
            ("3rd", "third"),
            ("20th", "twentieth"),
            ("90s", "nineties"),
            ("24/7", "twenty four seven"),
            ("10:30", "ten thirty"),
            ("007", "zero zero seven"),
            ("300ms", "three hundred milliseconds"),
            (
                "99999999999999999999999",
                "nine nine nine nine nine nine nine nine nine nine nine nine nine nine nine nine nine nine nine nine nine nine nine",
            ),
            ("SLO", "s l o"),
            ("CI/CD,", "c i c d"),
            ("APIs", "a p i"),
            ("p95", "p ninety five"),
            ("AWS.", "a w s"),
            ("GitHub", "git hub"),
            ("PostgreSQL", "postgress q l"),
            ("JSON", "jason"),
            ("SOC2", "sock two"),
            ("etc.", "et cetera"),
            ("well-known", "well known"),
            ("Piotr’s", "piotr's"),
            ("didn't.", "didn't"),
            ("I", "i"),
            ("—", ""),
            ("R&D", "r and d"),
        ] {
            assert_eq!(words(written).join(" "), said, "{written}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics_and_says_only_letters(token in "\\PC{0,12}") {
            for word in words(&token) {
                proptest::prop_assert!(word.chars().all(|c| !c.is_ascii_digit()), "{word}");
            }
        }
    }
}
