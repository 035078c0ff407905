//! Horizontal bars over a logarithmic axis, from 1 on to either side.

use super::{Anchor, Canvas, on_logarithmic, series};

const WIDTH: f64 = 860.0;
const TOP: f64 = 92.0;
const ROW: f64 = 26.0;
const THICK: f64 = 16.0;
/// Left and right of the plot; labels stand to the left, values beside the bars.
const PLOT: (f64, f64) = (236.0, 660.0);

/// A bar.
pub(crate) struct Bar {
    pub(crate) label: String,
    /// Above zero; a bar of 1 has no length.
    pub(crate) value: f64,
    /// What stands behind it.
    pub(crate) remark: String,
}

/// The chart; `None` without bars.
pub(crate) fn render(title: &str, description: &str, bars: &[Bar]) -> Option<String> {
    let values = || bars.iter().map(|bar| bar.value).filter(|value| *value > 0.0 && value.is_finite());
    let high = values().reduce(f64::max)?.max(2.0);
    let low = values().reduce(f64::min)?.min(1.0);
    let (left, right) = PLOT;
    let place = |value| left + (right - left) * on_logarithmic(value, low, high);
    let rows = f64::from(u32::try_from(bars.len()).ok()?);
    let bottom = TOP + ROW * rows;
    let mut canvas = Canvas::new(WIDTH, bottom + 24.0);
    canvas.text("heading", (24.0, 36.0), Anchor::Start, title);
    for mark in [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0] {
        if (low..=high).contains(&mark) {
            canvas.line("grid", (place(mark), TOP - 12.0), (place(mark), bottom));
            canvas.text("quiet", (place(mark), TOP - 18.0), Anchor::Middle, &format!("{mark} x"));
        }
    }
    canvas.line("axis", (place(1.0), TOP - 12.0), (place(1.0), bottom));
    let mut y = TOP;
    for bar in bars {
        let (from, to) = (place(bar.value.min(1.0)), place(bar.value.max(1.0)));
        // Blue where Abacus is ahead, red where it is behind.
        let class = series(if bar.value >= 1.0 { 0 } else { 3 });
        canvas.text("name", (left - 12.0, y + 12.5), Anchor::End, &bar.label);
        canvas.shape(&format!(
            r#"<rect class="{class}" x="{from:.1}" y="{y:.1}" width="{:.1}" height="{THICK}" rx="2"/>"#,
            (to - from).max(1.5)
        ));
        canvas.text("quiet", (to + 8.0, y + 12.5), Anchor::Start, &bar.remark);
        y += ROW;
    }
    Some(canvas.render(title, description))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_begin_at_one() {
        let bar = |label: &str, value| Bar { label: label.into(), value, remark: format!("{value} times") };
        let text = render("T", "D", &[bar("ahead", 4.0), bar("behind", 0.5)]).unwrap();
        // From 1 to 4, and from 0.5 to 1, on an axis from 0.5 to 4.
        assert!(text.contains(r#"class="s0" x="377.3" y="92.0" width="282.7""#), "{text}");
        assert!(text.contains(r#"class="s3" x="236.0" y="118.0" width="141.3""#), "{text}");
        assert!(text.contains(">4 times<"));
    }

    #[test]
    fn without_bars_there_is_no_chart() {
        assert!(render("T", "D", &[]).is_none());
    }
}
