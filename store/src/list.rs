//! The pages of the list of missions, there and back.

use schemas::{CreatedAt, Mission};

use crate::cursor::Cursor;
use crate::database::{Access, Database};
use crate::error::Error;
use crate::filter::Filter;
use crate::page_cursor::{Direction, PageCursor};
use crate::read::{end, parted};
use crate::rows::Stored;
use crate::unreadable::Unreadable;

/// A page of the list of missions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPage {
    /// The missions, the newest first.
    pub missions: Vec<Mission>,
    /// The rows between them that cannot be read.
    pub unreadable: Vec<Unreadable>,
    /// The page of older missions, if there is one.
    pub next: Option<PageCursor>,
    /// The page of newer missions, if there is one. The first page has none.
    pub prev: Option<PageCursor>,
    /// The page ends here, because [`Filter::LOOKED_AT`] missions were looked at and not enough of
    /// them passed the filter: the next one goes on from there.
    pub looked_to: Option<CreatedAt>,
}

/// The page of the list at this place: one statement, and another before it if the filter has a
/// condition without an index.
pub(crate) async fn list(
    database: &Database,
    filter: &Filter,
    place: Option<PageCursor>,
    limit: u16,
) -> Result<ListPage, Error> {
    let bound = match filter.looked_at() {
        Some(looked_at) => position(database, &looked_at, place, Filter::LOOKED_AT).await?,
        None => None,
    };
    let rows = database.list(filter, place, bound, u32::from(limit) + 1).await?;
    Ok(page(rows, limit, place, bound))
}

/// The position of the `number`-th row from this place on, in its direction; `None`: there are fewer.
pub(crate) async fn position(
    database: &Database,
    filter: &Filter,
    place: Option<PageCursor>,
    number: u32,
) -> Result<Option<Cursor>, Error> {
    let sql = database.dialect().position(filter, place, number);
    let rows = database.run::<(i64, uuid::Uuid)>(Access::Read, sql).await?;
    Ok(rows.first().and_then(|(micros, id)| {
        let created_at = CreatedAt::from_micros(*micros)?;
        Some(Cursor { created_at, id: (*id).into() })
    }))
}

/// Makes the page at this place of these rows. They are in the direction of the page, with one more
/// than `limit` if the page is full and another follows. The page on the other side is not looked up:
/// the caller came from there, so it is taken to exist.
fn page(
    mut rows: Vec<Stored>,
    limit: u16,
    place: Option<PageCursor>,
    bound: Option<Cursor>,
) -> ListPage {
    let full = rows.len() > usize::from(limit);
    rows.truncate(limit.into());
    let (first, last) = (end(rows.iter()), end(rows.iter().rev()));
    let bound = bound.filter(|_| !full);
    let onward = bound.or(last.filter(|_| full));
    let back = place.map(|place| first.unwrap_or(place.beside()));
    let (mut missions, mut unreadable) = parted(rows);
    let (next, prev) = match place.map_or(Direction::Older, |place| place.direction) {
        Direction::Older => (onward, back),
        Direction::Newer => {
            missions.reverse();
            unreadable.reverse();
            (back, onward)
        }
    };
    let (next, prev) = (next.map(PageCursor::older), prev.map(PageCursor::newer));
    ListPage { missions, unreadable, next, prev, looked_to: bound.map(|bound| bound.created_at) }
}
