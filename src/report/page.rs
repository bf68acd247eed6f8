//! Lines of text. In: texts from anywhere, with indents. Out: lines, escaped for a terminal and wrapped.
//!
//! Everything but the colour of a severity goes through the escaping: there is no way round it.

use colored::Color;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::escape::terminal;
use crate::model::Severity;

/// The widest line across a page.
const WIDEST: usize = 200;

/// Text under construction.
pub(super) struct Page {
    text: String,
    width: usize,
}

impl Page {
    pub(super) fn new(width: usize) -> Self {
        Self { text: String::new(), width }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// An empty line, unless the page begins here, or the last line is one already or a rule.
    pub(super) fn blank(&mut self) {
        let apart = ["\n\n", "─\n"].iter().any(|end| self.text.ends_with(end));
        if !self.text.is_empty() && !apart {
            self.text.push('\n');
        }
    }

    /// One line that is never broken: something to copy.
    pub(super) fn whole(&mut self, indent: usize, text: &str) {
        self.indent(indent);
        self.text.push_str(&terminal(text));
        self.text.push('\n');
    }

    /// Text wrapped at the width: its first line is indented by `first`, the others by `rest`.
    pub(super) fn prose(&mut self, first: usize, rest: usize, text: &str) {
        self.indent(first);
        self.flow(first, rest, text);
    }

    /// `label` in a column of its own that ends at `rest`, then wrapped text.
    pub(super) fn field(&mut self, indent: usize, rest: usize, label: &str, text: &str) {
        self.label(indent, rest, label);
        self.flow(rest, rest, text);
    }

    /// `label` in a column of its own that ends at `rest`, then one line that is never broken.
    pub(super) fn field_whole(&mut self, indent: usize, rest: usize, label: &str, text: &str) {
        self.label(indent, rest, label);
        self.whole(0, text);
    }

    /// `spot`, never broken, and beside it, or below it where there is no room, what is to be said of it.
    pub(super) fn spot(&mut self, indent: usize, spot: &str, about: &str) {
        self.indent(indent);
        self.spot_from(indent, spot, about);
    }

    /// The same on a line that has been begun up to `column`.
    pub(super) fn spot_from(&mut self, column: usize, spot: &str, about: &str) {
        const GAP: usize = 2;
        let (spot, about) = (terminal(spot), terminal(about));
        self.text.push_str(&spot);
        if about.is_empty() {
            self.text.push('\n');
        } else if column + spot.width() + GAP + about.width() <= self.width {
            self.indent(GAP);
            self.whole(0, &about);
        } else {
            self.text.push('\n');
            self.prose(column + GAP, column + GAP, &about);
        }
    }

    /// A line across the page, below an empty one.
    pub(super) fn rule(&mut self) {
        self.blank();
        self.text.extend(std::iter::repeat_n('─', self.width.min(WIDEST)));
        self.text.push('\n');
    }

    /// The same with a title in it.
    pub(super) fn titled_rule(&mut self, title: &str) {
        self.blank();
        let title = format!("── {} ", terminal(title));
        self.text.push_str(&title);
        self.text.extend(std::iter::repeat_n('─', self.width.min(WIDEST).saturating_sub(title.width())));
        self.text.push('\n');
    }

    /// A line of a table: a number, a severity in a column as wide as the widest, and the rest.
    pub(super) fn row(&mut self, number: &str, severity: Severity, color: bool, rest: &str) {
        const WIDEST_SEVERITY: usize = 8;
        self.text.push_str(number);
        self.indent(2);
        self.severity(severity, color);
        self.indent((WIDEST_SEVERITY + 2).saturating_sub(severity.name().len()));
        self.whole(0, rest);
    }

    /// The head line of a finding: its severity in capitals, coloured if asked for, and what it is.
    pub(super) fn heading(&mut self, indent: usize, severity: Severity, color: bool, text: &str) {
        self.indent(indent);
        self.severity(severity, color);
        self.text.push_str("  ");
        let start = indent + severity.name().len() + 2;
        self.flow(start, start, text);
    }

    fn severity(&mut self, severity: Severity, color: bool) {
        let word = severity.name().to_uppercase();
        if color {
            // Not through `Colorize`: it asks a switch of the whole process, and a format is a function of its input.
            let code = severity_color(severity).to_fg_str();
            self.text.push_str("\u{1b}[1;");
            self.text.push_str(&code);
            self.text.push('m');
            self.text.push_str(&word);
            self.text.push_str("\u{1b}[0m");
        } else {
            self.text.push_str(&word);
        }
    }

    /// `label` in a column of its own that ends at `rest`; the line goes on.
    pub(super) fn label(&mut self, indent: usize, rest: usize, label: &str) {
        self.indent(indent);
        self.text.push_str(label);
        self.indent(rest.saturating_sub(indent + label.len()).max(1));
    }

    fn indent(&mut self, columns: usize) {
        self.text.extend(std::iter::repeat_n(' ', columns));
    }

    /// Words from `column` on; new lines are indented by `rest`.
    fn flow(&mut self, mut column: usize, rest: usize, text: &str) {
        let text = terminal(text);
        let mut at_start = true;
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let space = usize::from(!at_start);
            if !at_start && column + space + word.width() > self.width {
                self.break_line(rest);
                column = rest;
            } else {
                self.indent(space);
                column += space;
            }
            at_start = false;
            column = self.word(column, rest, word);
        }
        self.text.push('\n');
    }

    /// One word. Where it is longer than a line, it is broken beside wide characters: their scripts have no spaces.
    fn word(&mut self, mut column: usize, rest: usize, word: &str) -> usize {
        let fits = column + word.width() <= self.width;
        let mut after_wide = false;
        for character in word.chars() {
            let width = character.width().unwrap_or(0);
            let may_break = (width == 2 || after_wide) && !ends_a_clause(character) && column > rest;
            if !fits && may_break && column + width > self.width {
                self.break_line(rest);
                column = rest;
            }
            self.text.push(character);
            column += width;
            after_wide = width == 2;
        }
        column
    }

    fn break_line(&mut self, rest: usize) {
        self.text.push('\n');
        self.indent(rest);
    }
}

/// Punctuation that must not begin a line.
fn ends_a_clause(character: char) -> bool {
    "、。，．：；！？）」』】》〉".contains(character)
}

fn severity_color(severity: Severity) -> Color {
    match severity {
        Severity::Critical | Severity::High => Color::Red,
        Severity::Medium => Color::Yellow,
        Severity::Low => Color::Cyan,
        Severity::Info => Color::Green,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrapped(width: usize, first: usize, rest: usize, text: &str) -> String {
        let mut page = Page::new(width);
        page.prose(first, rest, text);
        page.into_text()
    }

    #[test]
    fn wraps_with_a_hanging_indent() {
        assert_eq!(wrapped(12, 0, 2, "one two three four"), "one two\n  three four\n");
        assert_eq!(wrapped(12, 1, 1, ""), " \n");
    }

    #[test]
    fn a_long_word_stays_whole() {
        assert_eq!(wrapped(8, 0, 2, "see https://example.com/x now"), "see\n  https://example.com/x\n  now\n");
    }

    #[test]
    fn wide_characters_count_twice_and_may_be_parted() {
        assert_eq!(wrapped(10, 0, 0, "数据数据数据数据"), "数据数据数\n据数据\n");
        assert_eq!(wrapped(10, 0, 0, "数据数据数，据"), "数据数据数，\n据\n");
        assert_eq!(wrapped(10, 0, 0, "abcd 数据.json"), "abcd\n数据.json\n");
    }

    #[test]
    fn what_is_said_of_a_spot_goes_below_it_where_there_is_no_room() {
        let mut page = Page::new(20);
        page.spot(2, "a/b:1", "work tree");
        page.spot(2, "a/b/c/d/e/f:1", "work tree");
        page.spot(2, "a", "");
        assert_eq!(page.into_text(), "  a/b:1  work tree\n  a/b/c/d/e/f:1\n    work tree\n  a\n");
    }

    proptest! {
        #[test]
        fn no_line_is_too_long_unless_it_is_one_word(text in "([a-z]{1,9}|\\PC| |数|\n){0,40}", width in 20usize..80) {
            let page = wrapped(width, 4, 6, &text);
            prop_assert!(page.ends_with('\n'));
            for line in page.lines() {
                prop_assert!(line.width() <= width || !line.trim().contains(' '), "{line:?}");
            }
            let words = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(words(&page), words(&terminal(&text)));
        }
    }
}
