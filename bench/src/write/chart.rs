//! A chart of bars in groups.

use super::svg::{Drawing, HEIGHT, WIDTH};
use crate::table::{figure, whole};

const LEFT: f64 = 76.0;
const RIGHT: f64 = WIDTH - 16.0;
const TOP: f64 = 66.0;
const BOTTOM: f64 = HEIGHT - 34.0;

/// A value, and the least and greatest of all rounds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bar {
    pub(super) value: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

/// How the bars of a group stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// Beside each other, from zero.
    Beside,
    /// Beside each other, each tick ten times the one before.
    Logarithmic,
    /// On each other.
    Stacked,
}

/// Bars in groups; the bars of a group belong to the series in their order.
pub(super) struct Chart<'a> {
    pub(super) title: &'a str,
    pub(super) kind: Kind,
    pub(super) series: Vec<String>,
    pub(super) groups: Vec<(String, Vec<Bar>)>,
}

impl Chart<'_> {
    /// The file.
    pub(super) fn svg(&self) -> String {
        let mut drawing = Drawing::new(self.title);
        let mut x = LEFT;
        for (number, name) in self.series.iter().enumerate() {
            drawing.bar((x, 38.0), (12.0, 12.0), number);
            drawing.text((x + 17.0, 49.0), "start", name);
            x += 34.0 + 7.4 * name.chars().count() as f64;
        }
        for tick in self.ticks() {
            let y = self.height_of(tick);
            drawing.line((LEFT, y), (RIGHT, y), "rule");
            let label = if tick < 1.0 { figure(tick) } else { whole(tick) };
            drawing.text((LEFT - 8.0, y + 4.0), "end", &label);
        }
        let room = (RIGHT - LEFT) / self.groups.len().max(1) as f64;
        for (number, (label, bars)) in self.groups.iter().enumerate() {
            let left = LEFT + room * number as f64;
            drawing.text((left + room / 2.0, BOTTOM + 20.0), "middle", label);
            self.group(&mut drawing, left + room * 0.12, room * 0.76, bars);
        }
        drawing.finish()
    }

    fn group(&self, drawing: &mut Drawing, left: f64, room: f64, bars: &[Bar]) {
        let mut below = 0.0;
        let width = room / bars.len().max(1) as f64;
        for (number, bar) in bars.iter().enumerate() {
            if self.kind == Kind::Stacked {
                let (top, bottom) = (self.height_of(below + bar.value), self.height_of(below));
                drawing.bar((left, top), (room, bottom - top), number);
                below += bar.value;
                continue;
            }
            let (x, top) = (left + width * number as f64, self.height_of(bar.value));
            drawing.bar((x, top), (width * 0.9, BOTTOM - top), number);
            let middle = x + width * 0.45;
            if bar.most > bar.least {
                let ends = [bar.least, bar.most].map(|value| self.height_of(value));
                drawing.line((middle, ends[0]), (middle, ends[1]), "mark");
            }
            let above = self.height_of(bar.most.max(bar.value)) - 5.0;
            drawing.text((middle, above), "middle", &figure(bar.value));
        }
        if self.kind == Kind::Stacked {
            let above = self.height_of(below) - 5.0;
            drawing.text((left + room / 2.0, above), "middle", &figure(below));
        }
    }

    /// The greatest value that is drawn.
    fn most(&self) -> f64 {
        let groups = self.groups.iter().map(|(_, bars)| match self.kind {
            Kind::Stacked => bars.iter().map(|bar| bar.value).sum(),
            _ => bars.iter().map(|bar| bar.most.max(bar.value)).fold(0.0, f64::max),
        });
        groups.fold(1e-3, f64::max)
    }

    /// Where the axis begins, if its ticks are powers of ten.
    fn least(&self) -> f64 {
        let values = self.groups.iter().flat_map(|(_, bars)| bars).map(|bar| bar.value);
        let least = values.filter(|value| *value > 0.0).fold(self.most(), f64::min);
        10_f64.powf(least.log10().floor())
    }

    fn height_of(&self, value: f64) -> f64 {
        let share = match self.kind {
            Kind::Logarithmic => {
                let (low, high) = (self.least().log10(), (self.most() * 1.6).log10());
                (value.max(self.least()).log10() - low) / (high - low)
            }
            Kind::Beside | Kind::Stacked => value / (self.most() * 1.1),
        };
        BOTTOM - share.clamp(0.0, 1.0) * (BOTTOM - TOP)
    }

    fn ticks(&self) -> Vec<f64> {
        if self.kind == Kind::Logarithmic {
            let powers = (0_i32..12).map(|power| self.least() * 10_f64.powi(power));
            return powers.take_while(|tick| *tick <= self.most() * 1.6).collect();
        }
        let step = round_step(self.most() / 5.0);
        let ticks = (0_u32..12).map(|number| step * f64::from(number));
        ticks.take_while(|tick| *tick <= self.most() * 1.1).collect()
    }
}

/// The next 1, 2 or 5 with zeros.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    steps.into_iter().find(|step| *step >= least).unwrap_or(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_cover_the_bars() {
        let bars = vec![Bar { value: 14_000.0, least: 13_000.0, most: 17_300.0 }];
        let groups = vec![("256".to_owned(), bars)];
        let chart = |kind, groups| Chart { title: "", kind, series: Vec::new(), groups };
        let beside = chart(Kind::Beside, groups.clone());
        assert_eq!(beside.ticks(), [0.0, 5_000.0, 10_000.0, 15_000.0]);
        let logarithmic = chart(Kind::Logarithmic, groups);
        assert_eq!(logarithmic.ticks(), [10_000.0]);
        assert!(beside.height_of(17_300.0) > TOP && beside.height_of(0.0) == BOTTOM);
        assert!(!chart(Kind::Beside, Vec::new()).svg().contains("NaN"));
        assert!(!chart(Kind::Logarithmic, Vec::new()).svg().contains("NaN"));
    }
}
