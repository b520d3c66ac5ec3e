//! How the workbook looks.

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder};

use crate::keys::Channel;

/// What a cell's colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shade {
    /// Nothing.
    Plain,
    /// Good: met, the upper half of the band, a raised bid.
    Good,
    /// Fair: the lower half of the band, a lowered bid.
    Fair,
    /// Look at it: binding, outside the band.
    Heed,
    /// Bad: a rule not met.
    Bad,
    /// Does not run.
    Off,
}

/// What a cell's number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Text.
    Text,
    /// Text that is centred.
    Mark,
    /// A count without decimals.
    Whole,
    /// Money, or a ratio, with two decimals.
    Money,
    /// A price that may be small.
    Price,
    /// A share in percent with two decimals.
    Percent,
    /// A commission in percent with one decimal.
    Commission,
    /// A change in percent with its sign.
    Change,
    /// A mean position.
    Position,
    /// A share in whole percent.
    Share,
    /// A count with one decimal.
    Few,
}

impl Kind {
    /// How bids of a channel are shown.
    pub fn bid(channel: Channel) -> Kind {
        if channel.by_the_day() { Kind::Commission } else { Kind::Money }
    }

    fn number_format(self) -> Option<&'static str> {
        Some(match self {
            Kind::Text | Kind::Mark => return None,
            Kind::Whole => "#,##0",
            Kind::Money => "#,##0.00",
            Kind::Price => "#,##0.0000",
            Kind::Percent => "0.00%",
            Kind::Commission => "0.0%",
            Kind::Change => "+0%;-0%;0%",
            Kind::Position => "0.0",
            Kind::Share => "0%",
            Kind::Few => "#,##0.0",
        })
    }
}

const LINE: u32 = 0xD9DEE5;

/// The format of a cell in a table.
pub fn cell(kind: Kind, shade: Shade) -> Format {
    let format = Format::new()
        .set_border(FormatBorder::Thin)
        .set_border_color(LINE)
        .set_align(FormatAlign::VerticalCenter);
    let format = match kind.number_format() {
        Some(number_format) => format.set_num_format(number_format),
        // Text stays text, whatever it looks like.
        None if kind == Kind::Mark => format.set_num_format("@").set_align(FormatAlign::Center),
        None => format.set_num_format("@"),
    };
    coloured(format, shade)
}

/// The colours of a shade alone, to be laid over a cell.
pub fn colours(shade: Shade) -> Format {
    coloured(Format::new(), shade)
}

/// A cell that a person may write into.
pub fn open(kind: Kind) -> Format {
    cell(kind, Shade::Plain).set_background_color(0xFFFBE6).set_border_color(0xC9A227)
}

fn coloured(format: Format, shade: Shade) -> Format {
    match shade {
        Shade::Plain => format,
        Shade::Good => format.set_background_color(0xCDEBDA).set_font_color(0x0A3B24),
        Shade::Fair => format.set_background_color(0xD6E6F8).set_font_color(0x0F3055),
        Shade::Heed => format.set_background_color(0xFBE7BF).set_font_color(0x6B4500),
        Shade::Bad => format.set_background_color(0xF6CDCF).set_font_color(0x8C1A21),
        Shade::Off => format.set_background_color(0xECEEF1).set_font_color(0x8A93A0),
    }
}

/// A bold cell at the foot of a table.
pub fn total(kind: Kind) -> Format {
    cell(kind, Shade::Plain).set_bold().set_background_color(0xF4F6F9)
}

/// A column's head.
pub fn head() -> Format {
    Format::new()
        .set_bold()
        .set_font_color(0xFFFFFF)
        .set_background_color(0x2B3F5C)
        .set_border(FormatBorder::Thin)
        .set_border_color(LINE)
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap()
}

/// A sheet's title.
pub fn title() -> Format {
    Format::new().set_bold().set_font_size(16)
}

/// A heading within a sheet.
pub fn heading() -> Format {
    Format::new().set_bold().set_font_size(12)
}

/// A remark.
pub fn quiet() -> Format {
    Format::new().set_font_color(0x5C6675)
}

/// A remark that runs over several lines.
pub fn wrapped() -> Format {
    Format::new().set_text_wrap().set_align(FormatAlign::Left).set_align(FormatAlign::Top)
}
