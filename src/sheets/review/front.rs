//! The first sheet of `review.xlsx`: the verdict and the findings.

use super::Reviewing;
use crate::report::lang::{self, review as words};
use crate::report::review as told;
use crate::review::Verdict;
use crate::sheets::workbook::sheet::{Sheet, Written};
use crate::sheets::workbook::style::{self, Kind, Shade};

/// Columns of the front page.
const FRONT: u16 = 5;
/// Letters that fit across them.
const ACROSS: usize = 150;

/// Rules that missing orders decide, of which the front page tells; all are on the sheet of rules.
const RULES: usize = 6;

/// Writes the sheet.
pub fn write(package: &Reviewing<'_>, title: &str, mut sheet: Sheet<'_>) -> Written {
    let (review, lang) = (package.review, sheet.lang);
    sheet.widths([6.0, 110.0, 16.0, 14.0, 14.0])?;
    sheet.title(0, title)?;
    let shade = if review.trusted == Some(true) { Shade::Good } else { Shade::Heed };
    let format = style::cell(Kind::Text, shade).set_text_wrap().set_bold();
    sheet.paragraph(1, [0, FRONT - 1], ACROSS, &told::verdict(review, lang), &format)?;
    let undecided = review.rules.iter().filter(|row| row.verdict != Verdict::Kept);
    let about = [told::money(review, lang), told::rules_held(review, lang)]
        .into_iter()
        .chain(undecided.filter_map(|row| told::rule(row, lang)).take(RULES))
        .chain([told::sales(review, lang), lang::MONEY_IN.with(lang, &[&review.currency])]);
    let mut row = 2;
    for line in about {
        sheet.paragraph(row, [0, FRONT - 1], ACROSS, &line, &style::wrapped())?;
        row += 1;
    }
    let few = review.lessons.len() < 10;
    let heading = if few { words::LESSONS_FEW } else { words::LESSONS };
    sheet.cell(row + 1, 0, heading.in_(lang), &style::heading())?;
    sheet.head(row + 2, &[words::LESSON, words::LESSON, words::MONEY, words::MONEY])?;
    sheet.cell(row + 2, 0, "#", &style::head())?;
    row += 3;
    for (at, lesson) in (1..).zip(&review.lessons) {
        sheet.put(row, 0, f64::from(at), Kind::Whole)?;
        sheet.lines(row, 1, 112, &told::sentence(lesson, lang))?;
        let shade = if lesson.money < 0.0 { Shade::Heed } else { Shade::Fair };
        sheet.shaded(row, 2, lesson.money, Kind::Money, shade)?;
        sheet.put(row, 3, told::of(lesson.of).in_(lang), Kind::Mark)?;
        row += 1;
    }
    sheet.paragraph(row, [0, FRONT - 1], ACROSS, words::LESSONS_NOTE.in_(lang), &style::wrapped())?;
    sheet.paragraph(row + 1, [0, FRONT - 1], ACROSS, words::NEXT_FIT.in_(lang), &style::wrapped())
}
