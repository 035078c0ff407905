//! Charts as SVG, in words of our own: readable on light and on dark pages, and as text.

use std::fmt::Write as _;

pub(crate) mod bars;
pub(crate) mod lines;

/// Colours of series, on light and on dark pages; each pair has a contrast of at least 3 with its page.
const COLOURS: [(&str, &str); 10] = [
    ("#0b57d0", "#8ab4f8"),
    ("#5b3fd6", "#b9a6ff"),
    ("#00796b", "#5fd4c4"),
    ("#c5221f", "#f28b82"),
    ("#b06000", "#fdc466"),
    ("#7b1fa2", "#e0a3f5"),
    ("#546e00", "#c3dc5c"),
    ("#5f6368", "#bdc1c6"),
    ("#ad1457", "#ff9ac2"),
    ("#00677d", "#79d6ee"),
];

/// A picture that is being drawn.
pub(crate) struct Canvas {
    width: f64,
    height: f64,
    shapes: String,
}

/// Where a text stands with respect to its point.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Canvas {
    fn new(width: f64, height: f64) -> Self {
        Self { width, height, shapes: String::new() }
    }

    fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        self.shape(&format!(
            r#"<line class="{class}" x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}"/>"#,
            from.0, from.1, to.0, to.1
        ));
    }

    fn text(&mut self, class: &str, at: (f64, f64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        self.shape(&format!(
            r#"<text class="{class}" x="{:.1}" y="{:.1}" text-anchor="{anchor}">{}</text>"#,
            at.0,
            at.1,
            escaped(text)
        ));
    }

    fn shape(&mut self, shape: &str) {
        self.shapes.push_str(shape);
        self.shapes.push('\n');
    }

    /// The file, with what a reader who does not see it is told.
    fn render(&self, title: &str, description: &str) -> String {
        let (width, height) = (self.width, self.height);
        let mut light = String::new();
        let mut dark = String::new();
        for (index, (on_light, on_dark)) in COLOURS.iter().enumerate() {
            for (style, colour) in [(&mut light, on_light), (&mut dark, on_dark)] {
                write!(style, ".s{index}{{stroke:{colour};fill:{colour}}}").expect("a String takes any text");
            }
        }
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-labelledby="title description">
<title id="title">{title}</title>
<desc id="description">{description}</desc>
<style>
text{{font-family:system-ui,-apple-system,"Segoe UI",sans-serif;font-size:13px;fill:#202124;stroke:none}}
.heading{{font-size:16px;font-weight:600}}.quiet{{fill:#5f6368}}.page{{fill:#ffffff}}
.grid{{stroke:#dadce0;stroke-width:1}}.axis{{stroke:#5f6368;stroke-width:1}}
.curve{{fill:none;stroke-width:2.5}}.own{{stroke-width:3.5}}.dashed{{stroke-dasharray:6 4}}
{light}
.curve{{fill:none}}
@media (prefers-color-scheme:dark){{
text{{fill:#e8eaed}}.quiet{{fill:#9aa0a6}}.page{{fill:#17181a}}.grid{{stroke:#3c4043}}.axis{{stroke:#9aa0a6}}
{dark}
.curve{{fill:none}}
}}
</style>
<rect class="page" width="{width}" height="{height}" rx="8"/>
{shapes}</svg>
"#,
            title = escaped(title),
            description = escaped(description),
            shapes = self.shapes,
        )
    }
}

/// The class of the series at this place; after the last colour the first comes again.
fn series(index: usize) -> String {
    format!("s{}", index % COLOURS.len())
}

/// Text that can stand in XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Where a number stands on a logarithmic axis from `low` to `high`, as a part of its length.
fn on_logarithmic(value: f64, low: f64, high: f64) -> f64 {
    (value.ln() - low.ln()) / (high.ln() - low.ln())
}

/// The powers of ten around these numbers, which are above zero; `None` without numbers.
fn decades(values: impl Iterator<Item = f64>) -> Option<(i32, i32)> {
    let (low, high) =
        values.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), value| (low.min(value), high.max(value)));
    if !(low > 0.0 && low <= high && high.is_finite()) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "logarithms of numbers are small")]
    let [first, last] = [low.log10().floor() as i32, high.log10().ceil() as i32];
    Some((first, last.max(first + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_break_out() {
        let mut canvas = Canvas::new(10.0, 10.0);
        canvas.text("quiet", (1.0, 2.0), Anchor::End, "a < b & \"c\"");
        let text = canvas.render("<title>", "d");
        assert!(text.contains("a &lt; b &amp; &quot;c&quot;</text>"), "{text}");
        assert!(text.contains(">&lt;title&gt;</title>"), "{text}");
        assert!(text.contains("prefers-color-scheme:dark"));
    }

    #[test]
    fn axes_reach_around_all_numbers() {
        assert_eq!(decades([0.03, 20.0].into_iter()), Some((-2, 2)));
        assert_eq!(decades([10.0].into_iter()), Some((1, 2)));
        assert_eq!(decades([].into_iter()), None);
        assert_eq!(decades([0.0, 1.0].into_iter()), None, "zero has no logarithm");
        assert!((on_logarithmic(10.0, 1.0, 100.0) - 0.5).abs() < 1e-12);
    }
}
