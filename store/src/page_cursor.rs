//! Where a page of the list begins, and in which direction it goes on.

use std::fmt;
use std::str::FromStr;

use schemas::CreatedAt;
use uuid::Uuid;

use crate::cursor::{Cursor, ParseCursorError};

/// Which missions come behind a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Those stored earlier: the next page.
    Older,
    /// Those stored later: the page before.
    Newer,
}

/// Where a page of the list begins, and in which direction it goes on. Its text is that of the
/// [`Cursor`], and `-newer` behind it if it leads to newer missions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageCursor {
    /// The page has no row of this position.
    pub from: Cursor,
    /// On which side of it the page lies.
    pub direction: Direction,
}

const NEWER: &str = "-newer";

impl PageCursor {
    /// The page behind this position.
    pub fn older(from: Cursor) -> Self {
        Self { from, direction: Direction::Older }
    }

    /// The page before this position.
    pub fn newer(from: Cursor) -> Self {
        Self { from, direction: Direction::Newer }
    }

    /// A position beside this one, so that a page in the other direction has its row as well.
    pub(crate) fn beside(self) -> Cursor {
        let Cursor { created_at, id } = self.from;
        let (id, steps) = match self.direction {
            Direction::Older => id.uuid().as_u128().overflowing_sub(1),
            Direction::Newer => id.uuid().as_u128().overflowing_add(1),
        };
        let id = Uuid::from_u128(id).into();
        let micros = match self.direction {
            Direction::Older => created_at.micros().saturating_sub(steps.into()),
            Direction::Newer => created_at.micros().saturating_add(steps.into()),
        };
        // Nothing is stored at the ends of time.
        CreatedAt::from_micros(micros.max(0))
            .map_or(self.from, |created_at| Cursor { created_at, id })
    }
}

impl fmt::Display for PageCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = match self.direction {
            Direction::Older => "",
            Direction::Newer => NEWER,
        };
        write!(f, "{}{direction}", self.from)
    }
}

impl FromStr for PageCursor {
    type Err = ParseCursorError;

    fn from_str(text: &str) -> Result<Self, ParseCursorError> {
        match text.strip_suffix(NEWER) {
            Some(from) => from.parse().map(Self::newer),
            None => text.parse().map(Self::older),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "7-00000000000000000000000000000009";

    #[test]
    fn a_cursor_of_a_page_reads_back_as_itself_and_a_plain_one_leads_to_older_missions() {
        let plain: PageCursor = TEXT.parse().unwrap();
        assert_eq!((plain.direction, plain.to_string().as_str()), (Direction::Older, TEXT));
        let newer: PageCursor = format!("{TEXT}-newer").parse().unwrap();
        assert_eq!((newer.from, newer.direction), (plain.from, Direction::Newer));
        assert_eq!(newer.to_string(), format!("{TEXT}-newer"));
    }

    #[test]
    fn any_other_text_is_no_cursor_of_a_page() {
        for text in ["", "-newer", &format!("{TEXT}-older"), &format!("{TEXT}-newer-newer")] {
            assert_eq!(text.parse::<PageCursor>(), Err(ParseCursorError), "{text}");
        }
    }

    #[test]
    fn the_position_beside_another_lets_its_row_in() {
        let at = |micros, id| Cursor {
            created_at: CreatedAt::from_micros(micros).unwrap(),
            id: Uuid::from_u128(id).into(),
        };
        for (cursor, beside) in [
            (PageCursor::older(at(7, 9)), at(7, 8)),
            (PageCursor::older(at(7, 0)), at(6, u128::MAX)),
            (PageCursor::newer(at(7, 9)), at(7, 10)),
            (PageCursor::newer(at(7, u128::MAX)), at(8, 0)),
        ] {
            assert_eq!(cursor.beside(), beside, "{cursor}");
        }
    }
}
