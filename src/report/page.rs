//! Lines of a terminal: wrapped by width, aligned in columns, styled word by word.

use anstyle::Style;
use textwrap::core::display_width;
use textwrap::{Options, WordSeparator, WordSplitter};

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();

/// Narrower terminals get lines of this width.
const NARROWEST: usize = 40;

/// Wider lines are not read with ease.
const WIDEST: usize = 100;

/// Width of the names in the headline.
const LABEL: usize = 11;

/// Text with each of its words in a style of its own, so that lines can break between them.
pub(crate) fn styled(style: Style, text: &str) -> String {
    let words: Vec<String> = text
        .split(' ')
        .map(|word| if word.is_empty() { String::new() } else { format!("{style}{word}{style:#}") })
        .collect();
    words.join(" ")
}

/// A report that grows from top to bottom.
pub(crate) struct Page {
    width: usize,
    lines: Vec<String>,
}

impl Page {
    pub(crate) fn new(width: usize) -> Self {
        Self { width: width.clamp(NARROWEST, WIDEST), lines: Vec::new() }
    }

    /// The width of its lines at the most.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// The text, ending in a newline.
    pub(crate) fn finish(self) -> String {
        self.lines.join("\n") + "\n"
    }

    /// An empty line, but not at the top.
    pub(crate) fn gap(&mut self) {
        if !self.lines.is_empty() {
            self.lines.push(String::new());
        }
    }

    /// A title, and what stands beside it.
    pub(crate) fn heading(&mut self, title: &str, beside: &str) {
        self.gap();
        let first = format!("{}  ", styled(BOLD.underline(), title));
        if beside.is_empty() {
            self.lines.push(first.trim_end().to_owned());
        } else {
            self.item(&first, beside);
        }
    }

    /// Text after a mark, its further lines below its beginning.
    pub(crate) fn item(&mut self, mark: &str, text: &str) {
        let indent = " ".repeat(display_width(mark));
        for (index, line) in self.wrap(text, self.width.saturating_sub(indent.len())).into_iter().enumerate() {
            let line = format!("{}{line}", if index == 0 { mark } else { &indent });
            self.lines.push(line.trim_end().to_owned());
        }
    }

    /// Text after a name.
    pub(crate) fn labelled(&mut self, name: &str, text: &str) {
        self.item(&styled(DIM, &format!("{name:LABEL$}")), text);
    }

    /// Texts that begin in given columns. What does not fit into its column moves what follows to a line below.
    pub(crate) fn columns(&mut self, cells: &[(usize, &str)]) {
        let mut lines: Vec<String> = vec![String::new()];
        let mut top = 0;
        for (index, (column, text)) in cells.iter().enumerate() {
            let last = index + 1 == cells.len();
            let mut column = *column;
            let mut room = self.width.saturating_sub(column);
            // the last cell needs room to be read; without it, it goes below
            let room_wanted = display_width(text).min(16);
            let taken = lines.get(top).map_or(0, |line| display_width(line));
            if taken + 1 > column && taken > 0 || room < room_wanted {
                column = if room < room_wanted { 4 } else { column };
                room = self.width.saturating_sub(column);
                if taken > 0 {
                    top = lines.len();
                }
            }
            let parts = if last { self.wrap(text, room) } else { self.wrap(text, room.max(1)) };
            for (offset, part) in parts.into_iter().enumerate() {
                if lines.len() <= top + offset {
                    lines.resize(top + offset + 1, String::new());
                }
                if let Some(line) = lines.get_mut(top + offset) {
                    let padding = column.saturating_sub(display_width(line));
                    line.push_str(&" ".repeat(padding));
                    line.push_str(&part);
                }
            }
        }
        self.lines.extend(lines.into_iter().map(|line| line.trim_end().to_owned()));
    }

    fn wrap(&self, text: &str, width: usize) -> Vec<String> {
        let options = Options::new(width.clamp(1, self.width))
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation);
        textwrap::wrap(text, options).into_iter().map(|line| line.trim_end().to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(page: Page) -> String {
        anstream::adapter::strip_str(&page.finish()).to_string()
    }

    #[test]
    fn further_lines_stand_below_the_first_word() {
        let mut page = Page::new(40);
        page.item("  ✗ ", &styled(BOLD, "one two three four five six seven eight nine"));
        assert_eq!(plain(page), "  ✗ one two three four five six seven\n    eight nine\n");
    }

    #[test]
    fn columns_begin_where_they_should_or_go_below() {
        let mut page = Page::new(60);
        page.columns(&[(2, "name"), (10, "value"), (20, "what it means in plain words that are wrapped")]);
        page.columns(&[(2, "a name too long"), (10, "value"), (20, "plain")]);
        assert_eq!(
            plain(page),
            "  name    value     what it means in plain words that are\n                    wrapped\n  a name too \
             long\n          value     plain\n"
        );
    }

    #[test]
    fn a_narrow_terminal_puts_the_last_column_below() {
        let mut page = Page::new(40);
        page.columns(&[(2, "name"), (20, "12 words a minute"), (48, "what it means in plain words")]);
        assert_eq!(plain(page), "  name              12 words a minute\n    what it means in plain words\n");
    }
}
