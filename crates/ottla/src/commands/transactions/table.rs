//! Tables as `kafka-transactions` prints them: each cell is padded and followed by a tab.

/// A table with these headers; each row has as many cells.
pub(super) fn table<const N: usize>(headers: [&str; N], rows: &[[String; N]]) -> String {
    let width = |text: &str| text.encode_utf16().count();
    let mut widths = headers.map(width);
    for row in rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = width(cell).max(*widest);
        }
    }
    let mut text = String::new();
    let mut line = |cells: [&str; N]| {
        for (cell, widest) in cells.iter().zip(widths) {
            text.push_str(cell);
            text.extend(std::iter::repeat_n(' ', widest - width(cell)));
            text.push('\t');
        }
        text.push('\n');
    };
    line(headers);
    for row in rows {
        line(row.each_ref().map(String::as_str));
    }
    text
}

/// A number, or the word for none.
pub(super) fn or_none<T: ToString>(number: Option<T>) -> String {
    number.map_or_else(|| "None".into(), |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
        let rows = [row("wider", "1"), row("x", "\u{1F980}")];
        assert_eq!(
            table(["Head", "B"], &rows),
            "Head \tB \t\nwider\t1 \t\nx    \t\u{1F980}\t\n"
        );
        assert_eq!(or_none(Some(7)), "7");
        assert_eq!(or_none::<i64>(None), "None");
    }
}
