//! Small closed word lists from which the text measures guess what a neighbouring word is. Guesses, not a parser: they
//! hold the few hundred words that make up most of what is spoken, and every rule that uses them falls back on silence.

/// Whether the word is one of a list that is written with spaces between.
pub(super) fn among(word: &str, list: &str) -> bool {
    !word.is_empty() && list.split(' ').any(|listed| listed == word)
}

/// Words that stand as the subject of a clause: I, we, nobody, and their contractions with a verb.
pub(super) fn is_subject(word: &str) -> bool {
    let base = word.split('\'').next().unwrap_or(word);
    among(base, "i you we they he she it there nobody somebody everybody everyone someone")
        || matches!(word, "that's" | "this" | "what's" | "here's" | "who's")
}

/// Personal pronouns that are always subjects.
pub(super) fn is_subject_pronoun(word: &str) -> bool {
    among(word, "i you we they he she who")
}

/// Forms of be, alone or leaning on a pronoun: was, it's, we're.
pub(super) fn is_be(word: &str) -> bool {
    among(word, "is was were are am be been being isn't wasn't weren't aren't i'm")
        || word.ends_with("'re")
        || among(word, "it's that's he's she's there's what's here's who's everything's")
}

/// Auxiliaries and modals.
pub(super) fn is_auxiliary(word: &str) -> bool {
    among(word, "do does did have has had can could will would shall should may might must cannot")
        || word.ends_with("n't")
        || word.ends_with("'ll")
        || word.ends_with("'ve")
        || word.ends_with("'d")
}

/// Articles, possessives and demonstratives that need a noun.
pub(super) fn is_determiner(word: &str) -> bool {
    is_article(word) || among(word, "this that these those some any every each another no")
}

/// Articles and possessives: no clause ends in one.
pub(super) fn is_article(word: &str) -> bool {
    among(word, "a an the my our your their its")
}

/// Prepositions.
pub(super) fn is_preposition(word: &str) -> bool {
    among(
        word,
        "for with at in on from after before about by of into over under through between during without \
             within across around behind inside until since",
    )
}

/// Words that join clauses.
pub(super) fn is_conjunction(word: &str) -> bool {
    among(
        word,
        "and but or because cause so then that if when where which while although though whereas unless \
             until since once",
    )
}

/// Conjunctions that join main clauses or open one: and, but, because.
pub(super) fn is_joiner(word: &str) -> bool {
    among(word, "and but or because cause so then which plus")
}

/// Words that open a clause, so that a pause before them stands at a boundary.
pub(super) fn opens_clause(word: &str) -> bool {
    is_conjunction(word) && word != "that" || matches!(word, "who" | "what" | "why" | "how" | "whether" | "as")
}

/// Numbers, in digits or words.
pub(super) fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        || word.split('-').all(|part| {
            among(
                part,
                "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen \
             sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety \
             hundred thousand million billion dozen",
            )
        })
}

/// Numbers and words of amount: nine, half, all, no, several.
pub(super) fn is_amount(word: &str) -> bool {
    is_number(word)
        || among(
            word,
            "half every all no zero none nothing everything several hundreds thousands millions dozens most \
             maybe around almost nearly over twice",
        )
}

/// Adverbs of degree and stance that modify what follows.
pub(super) fn is_degree(word: &str) -> bool {
    among(
        word,
        "really super so very totally completely pretty just not always never too quite actually \
             basically literally probably already still only absolutely constantly extremely hardly barely \
             kind sort",
    )
}

/// Adjectives that are common in spoken answers.
pub(super) fn is_adjective(word: &str) -> bool {
    among(
        word,
        "hard slow big huge good bad great small tiny old new fast easy difficult scary weird crazy \
             tired happy sad angry annoying annoyed boring nervous stuck broken down gone late early ready \
             fine nice awful terrible horrible amazing awkward strange messy busy quiet loud expensive cheap \
             simple complicated complex important critical urgent impossible dead full empty red green wrong \
             afraid scared surprised overwhelmed relieved proud lucky painful risky tough rough tricky \
             massive brand super insane stressful confused confusing embarrassing long short",
    )
}

/// Verbs that are common in spoken answers, in the forms that follow a subject, an auxiliary or "to".
pub(super) fn is_verb(word: &str) -> bool {
    among(
        word,
        "go went get got make made see saw know knew take took come came think thought want wanted need \
             needed try tried find found give gave tell told ask asked work worked use used start started \
             stop stopped move moved run ran put keep kept let help helped talk talked build built write \
             wrote fix fixed ship shipped deploy deployed break broke check checked test tested change \
             changed set show showed call called look looked feel felt hope hoped decide decided learn \
             learned happen happened end ended turn turned forget forgot say said lose lost leave left \
             ignore ignored panic panicked restart restarted rewrite rewrote delete deleted split push \
             pushed pull pulled spend spent sit sat stand stood walk walked explain explained handle handled \
             figure figured agree agreed fall fell grow grew hire hired fail failed crash crashed",
    ) || word.len() > 4 && (word.ends_with("ed") || word.ends_with("ing"))
}

/// Verbs in the past tense.
pub(super) fn is_past_verb(word: &str) -> bool {
    among(
        word,
        "went got made saw knew took came found gave told built wrote ran kept put lost left spent sat stood fell grew broke \
         let cut set split sent led brought bought taught caught held drew drove spoke chose met paid read sold thought said \
         did shut hid won woke rewrote rebuilt undid",
    ) || word.len() > 3 && word.ends_with("ed") && !among(word, "need speed feed indeed exceed")
}

/// Verbs that tell a state of mind or of being and no deed.
pub(super) fn is_stative(word: &str) -> bool {
    among(
        word,
        "think know remember guess believe mean suppose hope like love had have was were am been wanted liked loved \
         needed seemed felt heard lived did do thought said",
    )
}

/// Verbs after which "like" compares: looks like, sounds like.
pub(super) fn is_seeming(word: &str) -> bool {
    among(
        word,
        "look looks looked looking sound sounds sounded sounding feel feels felt feeling seem seems \
             seemed smell smells smelled taste tastes tasted",
    )
}
