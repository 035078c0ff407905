//! Curves over two logarithmic axes.

use super::{Anchor, Canvas, decades, on_logarithmic, series};

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 520.0;
/// Left, top, right and bottom of the plot; the legend stands to the right of it.
const PLOT: (f64, f64, f64, f64) = (78.0, 64.0, 590.0, 462.0);
const LEGEND_LINE: f64 = 24.0;

/// A curve.
pub(crate) struct Series {
    pub(crate) name: String,
    /// Both numbers of each point are above zero.
    pub(crate) points: Vec<(f64, f64)>,
    pub(crate) style: Style,
}

/// How a curve is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Bold,
    Plain,
    Dashed,
}

/// What the chart is about.
pub(crate) struct Titles {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) horizontal: String,
    /// Turns a power of ten on the vertical axis into its label.
    pub(crate) vertical: fn(i32) -> String,
}

/// The chart; `None` without points.
pub(crate) fn render(titles: &Titles, all: &[Series]) -> Option<String> {
    let points = || all.iter().flat_map(|series| &series.points);
    let columns = decades(points().map(|point| point.0))?;
    let rows = decades(points().map(|point| point.1))?;
    let (left, top, right, bottom) = PLOT;
    let place = |(x, y): (f64, f64)| {
        let part =
            |value, (first, last): (i32, i32)| on_logarithmic(value, 10f64.powi(first), 10f64.powi(last));
        (left + (right - left) * part(x, columns), bottom - (bottom - top) * part(y, rows))
    };
    let mut canvas = Canvas::new(WIDTH, HEIGHT);
    canvas.text("heading", (24.0, 36.0), Anchor::Start, &titles.title);
    for power in columns.0..=columns.1 {
        let (x, _) = place((10f64.powi(power), 10f64.powi(rows.0)));
        canvas.line("grid", (x, top), (x, bottom));
        canvas.text("quiet", (x, bottom + 22.0), Anchor::Middle, &format!("10^{power}"));
    }
    for power in rows.0..=rows.1 {
        let (_, y) = place((10f64.powi(columns.0), 10f64.powi(power)));
        canvas.line("grid", (left, y), (right, y));
        canvas.text("quiet", (left - 10.0, y + 4.5), Anchor::End, &(titles.vertical)(power));
    }
    canvas.line("axis", (left, bottom), (right, bottom));
    canvas.text("quiet", (f64::midpoint(left, right), bottom + 44.0), Anchor::Middle, &titles.horizontal);
    for (index, curve) in all.iter().enumerate() {
        draw(&mut canvas, index, curve, &place);
    }
    legend(&mut canvas, all, &place);
    Some(canvas.render(&titles.title, &titles.description))
}

fn draw(canvas: &mut Canvas, index: usize, curve: &Series, place: &impl Fn((f64, f64)) -> (f64, f64)) {
    let class = series(index);
    let points: Vec<_> = curve.points.iter().map(|point| place(*point)).collect();
    let list: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    canvas.shape(&format!(
        r#"<polyline class="{class} curve{}" points="{}"/>"#,
        curve.style.class(),
        list.join(" ")
    ));
    for (x, y) in points {
        canvas.shape(&format!(r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="3.5"/>"#));
    }
}

/// The names, in the order in which the curves end, from top to bottom.
fn legend(canvas: &mut Canvas, all: &[Series], place: &impl Fn((f64, f64)) -> (f64, f64)) {
    let mut order: Vec<_> = all.iter().enumerate().filter(|(_, curve)| !curve.points.is_empty()).collect();
    let end = |curve: &Series| curve.points.last().map_or(0.0, |point| place((1.0, point.1)).1);
    order.sort_by(|(_, one), (_, two)| end(one).total_cmp(&end(two)));
    let (_, top, right, _) = PLOT;
    let mut y = top + 12.0;
    for (index, curve) in order {
        let class = format!("{} curve{}", series(index), curve.style.class());
        canvas.line(&class, (right + 24.0, y), (right + 54.0, y));
        canvas.text("name", (right + 64.0, y + 4.5), Anchor::Start, &curve.name);
        y += LEGEND_LINE;
    }
}

impl Style {
    fn class(self) -> &'static str {
        match self {
            Self::Bold => " own",
            Self::Plain => "",
            Self::Dashed => " dashed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles() -> Titles {
        let vertical = |power| format!("{power} decades");
        Titles { title: "T".into(), description: "D".into(), horizontal: "n".into(), vertical }
    }

    #[test]
    fn curves_go_from_corner_to_corner() {
        let curve = |name: &str, points| Series { name: name.to_owned(), points, style: Style::Bold };
        let all =
            [curve("up", vec![(1.0, 1.0), (100.0, 100.0)]), curve("flat", vec![(1.0, 10.0), (10.0, 10.0)])];
        let text = render(&titles(), &all).unwrap();
        assert!(text.contains(r#"points="78.0,462.0 590.0,64.0""#), "{text}");
        assert!(text.contains("2 decades"), "{text}");
        // The one that ends higher is named first.
        assert!(text.find(">up<").unwrap() < text.find(">flat<").unwrap());
    }

    #[test]
    fn without_points_there_is_no_chart() {
        assert!(render(&titles(), &[]).is_none());
    }
}
