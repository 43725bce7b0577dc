//! Plots as SVG: a group of horizontal bars for each row, on a logarithmic scale, with their values.

use std::fmt::Write as _;

use super::table::shown;

/// One row: a bar for each of [`SERIES`] that has a value.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) values: [Option<f64>; 3],
}

/// Rows that share a scale.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) groups: Vec<Group>,
}

/// Whose bars, from the top.
pub(crate) const SERIES: [&str; 3] = ["Apache Kafka", "Ottla", "floor"];

const WIDTH: f64 = 860.0;
/// Where bars begin and may end; what is behind is for values.
const LEFT: f64 = 330.0;
const RIGHT: f64 = 780.0;
const BAR: f64 = 11.0;
const GAP: f64 = 8.0;
const LEGEND: f64 = 30.0;
const HEAD: f64 = 46.0;

/// Colours that are read on white and on black; those of dark pages are lighter.
const STYLE: &str = "text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.title { font-weight: 600; font-size: 13px; }
.axis { font-size: 10px; fill: #59636e; }
.value { font-size: 10px; }
.line { stroke: #d1d9e0; stroke-width: 1; }
.s0 { fill: #c2410c; } .s1 { fill: #2563eb; } .s2 { fill: #6b7280; }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc; } .axis { fill: #9198a1; } .line { stroke: #3d444d; }
.s0 { fill: #fb923c; } .s1 { fill: #60a5fa; } .s2 { fill: #9ca3af; }
}";

/// The file.
pub(crate) fn plot(title: &str, panels: &[Panel]) -> String {
    let mut body = String::new();
    let mut top = LEGEND;
    for panel in panels {
        top = draw(&mut body, panel, top);
    }
    let (height, title) = (top + GAP, escaped(title));
    let mut legend = String::new();
    let used = |series: usize| {
        let mut groups = panels.iter().flat_map(|panel| &panel.groups);
        groups.any(|group| group.values[series].is_some())
    };
    let mut x = 8.0;
    for (series, name) in SERIES
        .iter()
        .enumerate()
        .filter(|(series, _)| used(*series))
    {
        let _ = writeln!(
            legend,
            "<rect class=\"s{series}\" x=\"{x:.0}\" y=\"8\" width=\"12\" height=\"12\"/><text x=\"{:.0}\" y=\"18\">{name}</text>",
            x + 18.0
        );
        x += 40.0 + name.len() as f64 * 7.0;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH:.0} {height:.0}\" width=\"{WIDTH:.0}\" \
         height=\"{height:.0}\" role=\"img\">\n<title>{title}</title>\n<style>\n{STYLE}\n</style>\n{legend}{body}</svg>\n"
    )
}

/// Draws a panel from `top` on: where it ends.
fn draw(body: &mut String, panel: &Panel, top: f64) -> f64 {
    let all = panel.groups.iter().flat_map(|group| group.values);
    let scale = Scale::of(all.flatten());
    let rows = panel.groups.iter().map(height).sum::<f64>();
    let (first, end) = (top + HEAD, top + HEAD + rows);
    let _ = writeln!(
        body,
        "<text class=\"title\" x=\"8\" y=\"{:.0}\">{}</text>",
        top + 20.0,
        escaped(&panel.title)
    );
    for decade in scale.decades() {
        let x = scale.place(decade);
        let _ = writeln!(
            body,
            "<line class=\"line\" x1=\"{x:.1}\" y1=\"{:.0}\" x2=\"{x:.1}\" y2=\"{end:.0}\"/>\
             <text class=\"axis\" x=\"{x:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{}</text>",
            first - 6.0,
            first - 10.0,
            shown(decade)
        );
    }
    let mut y = first;
    for group in &panel.groups {
        let middle = y + (height(group) - GAP) / 2.0 + 4.0;
        let _ = writeln!(
            body,
            "<text x=\"{:.0}\" y=\"{middle:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 8.0,
            escaped(&group.name)
        );
        let mut bar = y;
        for (series, value) in group.values.iter().enumerate() {
            let Some(value) = value else { continue };
            let end = scale.place(*value);
            let _ = writeln!(
                body,
                "<rect class=\"s{series}\" x=\"{LEFT:.0}\" y=\"{bar:.0}\" width=\"{:.1}\" height=\"{:.0}\"/>\
                 <text class=\"value\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                end - LEFT,
                BAR - 1.0,
                end + 4.0,
                bar + BAR - 2.0,
                shown(*value)
            );
            bar += BAR;
        }
        y += height(group);
    }
    end
}

fn height(group: &Group) -> f64 {
    let bars = group.values.iter().flatten().count().max(1);
    bars as f64 * BAR + GAP
}

/// From a power of ten below the least value to one above the largest.
#[derive(Debug, PartialEq)]
struct Scale {
    least: i32,
    most: i32,
}

impl Scale {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        // Bars of the least values are seen, too.
        const BELOW: f64 = 0.8;
        let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
        for value in values.filter(|value| *value > 0.0 && value.is_finite()) {
            least = least.min(value);
            most = most.max(value);
        }
        if most <= 0.0 {
            return Self { least: 0, most: 1 };
        }
        let least = (least * BELOW).log10().floor() as i32;
        let most = (most.log10().ceil() as i32).max(least + 1);
        Self { least, most }
    }

    fn decades(&self) -> impl Iterator<Item = f64> {
        (self.least..=self.most).map(|power| 10_f64.powi(power))
    }

    /// Where a bar of this value ends; what is not above 0 has none.
    fn place(&self, value: f64) -> f64 {
        if value <= 0.0 {
            return LEFT;
        }
        let part = (value.log10() - f64::from(self.least)) / f64::from(self.most - self.least);
        LEFT + part.clamp(0.0, 1.0) * (RIGHT - LEFT)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_hold_all_values_between_powers_of_ten() {
        let scale = Scale::of([0.5, 0.0, 42.0, -1.0].into_iter());
        assert_eq!(scale, Scale { least: -1, most: 2 });
        assert_eq!(
            (scale.place(0.1), scale.place(100.0), scale.place(0.0)),
            (LEFT, RIGHT, LEFT)
        );
        assert_eq!(scale.place(1.0), LEFT + (RIGHT - LEFT) / 3.0);
        let one = Scale::of([1.0].into_iter());
        assert!(one.place(1.0) > LEFT, "a bar of the least value is seen");
        assert_eq!(Scale::of([].into_iter()), Scale { least: 0, most: 1 });
    }

    #[test]
    fn a_plot_has_a_bar_with_its_value_for_each_value() {
        let group = |name: &str, values| Group {
            name: name.to_owned(),
            values,
        };
        let panel = Panel {
            title: "MB/s <more>".to_owned(),
            groups: vec![
                group("a & b", [Some(1.0), Some(1234.0), None]),
                group("c", [None, Some(2.0), None]),
            ],
        };
        let svg = plot("records", &[panel]);
        assert_eq!(svg.matches("class=\"value\"").count(), 3);
        assert_eq!(svg.matches("<rect").count(), 3 + 2, "and the legend's");
        for text in ["a &amp; b", "MB/s &lt;more&gt;", ">1,234<", ">Ottla<"] {
            assert!(svg.contains(text), "{text}");
        }
        assert!(!svg.contains(">floor<") && !svg.contains("script"));
    }
}
