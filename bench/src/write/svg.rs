//! Pieces of SVG, readable on light and on dark pages.

use std::fmt::Write;

/// The size of every plot.
pub(super) const WIDTH: f64 = 760.0;
/// See [`WIDTH`].
pub(super) const HEIGHT: f64 = 360.0;

/// The colours of series, for light and for dark pages.
pub(super) const COLOURS: [(&str, &str); 8] = [
    ("#1f6feb", "#79b8ff"),
    ("#d9730d", "#ffab70"),
    ("#2da44e", "#85e89d"),
    ("#8250df", "#d2a8ff"),
    ("#cf222e", "#ff7b72"),
    ("#57606a", "#b1bac4"),
    ("#9a6700", "#e3b341"),
    ("#0f7d8c", "#56d4dd"),
];

/// A drawing with a title.
pub(super) struct Drawing(String);

impl Drawing {
    /// An empty one.
    pub(super) fn new(title: &str) -> Self {
        let mut text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
             font-family=\"sans-serif\" font-size=\"13\">\n<title>{}</title>\n<style>\n",
            escaped(title)
        );
        text += "text{fill:#24292f}.rule{stroke:#d0d7de}.mark{stroke:#24292f}\n";
        for (number, (light, _)) in COLOURS.iter().enumerate() {
            let _ = writeln!(text, ".c{number}{{fill:{light}}}");
        }
        text += "@media(prefers-color-scheme:dark){\n";
        text += "text{fill:#e6edf3}.rule{stroke:#30363d}.mark{stroke:#e6edf3}\n";
        for (number, (_, dark)) in COLOURS.iter().enumerate() {
            let _ = writeln!(text, ".c{number}{{fill:{dark}}}");
        }
        let mut drawing = Self(text + "}\n</style>\n");
        drawing.text((16.0, 24.0), "start", title);
        drawing
    }

    /// A filled box.
    pub(super) fn bar(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), colour: usize) {
        let (width, height, colour) = (width.max(0.0), height.max(0.0), colour % COLOURS.len());
        let _ = writeln!(
            self.0,
            "<rect class=\"c{colour}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
        );
    }

    /// A line of this class.
    pub(super) fn line(&mut self, (x, y): (f64, f64), (to_x, to_y): (f64, f64), class: &str) {
        let _ = writeln!(
            self.0,
            "<line class=\"{class}\" x1=\"{x:.1}\" y1=\"{y:.1}\" x2=\"{to_x:.1}\" y2=\"{to_y:.1}\"/>"
        );
    }

    /// A text; `anchor` says which end of it is at this place.
    pub(super) fn text(&mut self, (x, y): (f64, f64), anchor: &str, text: &str) {
        let text = escaped(text);
        let _ = writeln!(
            self.0,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
        );
    }

    /// The file.
    pub(super) fn finish(self) -> String {
        self.0 + "</svg>\n"
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_shown_as_it_is() {
        let text = "p99 < 5 & more > 3";
        let svg = Drawing::new(text).finish();
        let document = roxmltree::Document::parse(&svg).unwrap();
        let shown = document.descendants().filter(|node| node.text() == Some(text));
        assert!(shown.filter(roxmltree::Node::is_element).count() == 2, "title and text");
    }
}
