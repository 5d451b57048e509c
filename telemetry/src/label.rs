//! What a label is, alone and together with others.

use crate::metric::Pair;

/// A label: one of a closed set of values.
pub trait Label: Copy + PartialEq + 'static {
    /// Its name.
    const NAME: &'static str;
    /// Every value; the place of a value is its index.
    const ALL: &'static [Self];
    /// Whether a counter with this label shows every value from the beginning, so that its first
    /// increase is seen. Labels with many values show those that were recorded.
    const ALWAYS: bool = true;

    /// The place of this value among all.
    fn index(self) -> usize;

    /// How it is written.
    fn value(self) -> &'static str;
}

/// Several labels together.
pub trait Labels: Copy + 'static {
    /// Their names.
    const NAMES: &'static [&'static str];
    /// How many values they have together.
    const COUNT: usize;
    /// Whether all of them are shown from the beginning.
    const ALWAYS: bool;

    /// The place of these values among all.
    fn index(self) -> usize;

    /// The names and values at this place.
    fn pairs(index: usize) -> Vec<Pair>;
}

fn pair<L: Label>(index: usize) -> Pair {
    let value = L::ALL.get(index % L::ALL.len()).map_or("", |value| value.value());
    (L::NAME, value)
}

impl<A: Label> Labels for (A,) {
    const NAMES: &'static [&'static str] = &[A::NAME];
    const COUNT: usize = A::ALL.len();
    const ALWAYS: bool = A::ALWAYS;

    fn index(self) -> usize {
        self.0.index()
    }

    fn pairs(index: usize) -> Vec<Pair> {
        vec![pair::<A>(index)]
    }
}

impl<A: Label, B: Label> Labels for (A, B) {
    const NAMES: &'static [&'static str] = &[A::NAME, B::NAME];
    const COUNT: usize = A::ALL.len() * B::ALL.len();
    const ALWAYS: bool = A::ALWAYS && B::ALWAYS;

    fn index(self) -> usize {
        self.0.index() * B::ALL.len() + self.1.index()
    }

    fn pairs(index: usize) -> Vec<Pair> {
        vec![pair::<A>(index / B::ALL.len()), pair::<B>(index)]
    }
}

impl<A: Label, B: Label, C: Label> Labels for (A, B, C) {
    const NAMES: &'static [&'static str] = &[A::NAME, B::NAME, C::NAME];
    const COUNT: usize = A::ALL.len() * <(B, C)>::COUNT;
    const ALWAYS: bool = A::ALWAYS && <(B, C)>::ALWAYS;

    fn index(self) -> usize {
        self.0.index() * <(B, C)>::COUNT + (self.1, self.2).index()
    }

    fn pairs(index: usize) -> Vec<Pair> {
        let mut pairs = vec![pair::<A>(index / <(B, C)>::COUNT)];
        pairs.extend(<(B, C)>::pairs(index));
        pairs
    }
}

/// Declares labels: the name of the type, the name of the label, and its values.
macro_rules! labels {
    ($(
        $(#[$doc:meta])*
        $Label:ident = $name:literal { $($(#[$about:meta])* $Value:ident = $value:literal,)+ }
    )+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $Label {
            $($(#[$about])* $Value,)+
        }

        impl $crate::label::Label for $Label {
            const NAME: &'static str = $name;
            const ALL: &'static [Self] = &[$(Self::$Value),+];

            fn index(self) -> usize {
                self as usize
            }

            fn value(self) -> &'static str {
                match self { $(Self::$Value => $value),+ }
            }
        }
    )+};
}
pub(crate) use labels;
