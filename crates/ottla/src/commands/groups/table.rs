//! Tables as Kafka's tools print them: cells are padded to the right and have a blank between them.

/// A cell that is empty.
pub(super) const NOTHING: &str = "-";

/// How long Kafka's tools hold a text to be.
fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The width of a column: its longest text, but no less than `least`.
pub(super) fn width<'a>(least: usize, texts: impl IntoIterator<Item = &'a str>) -> usize {
    texts.into_iter().map(length).max().unwrap_or(0).max(least)
}

/// A text, padded.
pub(super) fn cell(text: &str, width: usize) -> String {
    let mut cell = text.to_owned();
    cell.extend(std::iter::repeat_n(' ', width.saturating_sub(length(text))));
    cell
}

/// Cells of these widths, with a blank between them; nothing at the end.
pub(super) fn line<const N: usize>(widths: [usize; N], cells: [&str; N]) -> String {
    let cells: Vec<String> = cells
        .iter()
        .zip(widths)
        .map(|(text, width)| cell(text, width))
        .collect();
    cells.join(" ")
}

/// A number, or that there is none.
pub(super) fn number<T: ToString>(number: Option<T>) -> String {
    number.map_or_else(|| NOTHING.into(), |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_padded_and_never_cut() {
        assert_eq!(line([3, 2, 0], ["a", "long", "b"]), "a   long b");
        assert_eq!(cell("\u{1F980}", 3), "\u{1F980} ", "two units, as in Java");
        assert_eq!(width(3, ["a", "four"]), 4);
        assert_eq!(width(3, []), 3);
        assert_eq!(number(Some(7)), "7");
        assert_eq!(number::<i64>(None), "-");
    }
}
