//! The missions to request, cut into lists of up to 256 with a key each.

use schemas::{CallerRequest, IdempotencyKey, MissionIds};

/// How many missions are requested, and under which key.
pub(super) struct Lists {
    count: u32,
    key: String,
}

/// One list: what goes into one message or one HTTP request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct List {
    /// The key of the list: `key` for the first, `key/1`, `key/2`, … for the others.
    pub(super) key: String,
    /// The id of the request with this key; the ids of its missions are made from it.
    pub(super) request: CallerRequest,
    /// How many missions: 1..=256.
    pub(super) count: usize,
}

impl Lists {
    /// This many missions under this key.
    ///
    /// # Errors
    /// The key is not valid, or the keys of the later lists would be too long.
    pub(super) fn new(count: u32, key: String) -> Result<Self, String> {
        key.parse::<IdempotencyKey>()?;
        let lists = Self { count, key };
        let last = lists.count_lists().saturating_sub(1);
        lists.keyed(last).map_err(|_| {
            let longest = 255 - format!("/{last}").len();
            format!("for {count} missions a key has at most {longest} characters")
        })?;
        Ok(lists)
    }

    pub(super) fn count(&self) -> u32 {
        self.count
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// The list with this number, from 0; `None` after the last.
    pub(super) fn list(&self, number: u32) -> Option<List> {
        let most = MissionIds::MAX;
        let before = usize::try_from(number).ok()?.checked_mul(most)?;
        let count = usize::try_from(self.count).ok()?.saturating_sub(before).min(most);
        let (key, request) = self.keyed(number).ok()?;
        (count > 0).then_some(List { key, request, count })
    }

    fn count_lists(&self) -> u32 {
        self.count.div_ceil(256)
    }

    fn keyed(&self, number: u32) -> Result<(String, CallerRequest), String> {
        let key = match number {
            0 => self.key.clone(),
            number => format!("{}/{number}", self.key),
        };
        let request = CallerRequest::keyed(&key.parse()?);
        Ok((key, request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(count: u32) -> Vec<List> {
        let lists = Lists::new(count, "mine".to_owned()).unwrap();
        (0..).map_while(|number| lists.list(number)).collect()
    }

    #[test]
    fn missions_are_cut_into_lists_of_256_with_a_key_each() {
        for (count, sizes) in [(1, vec![1]), (256, vec![256]), (600, vec![256, 256, 88])] {
            assert_eq!(lists(count).iter().map(|list| list.count).collect::<Vec<_>>(), sizes);
        }
        let keys: Vec<_> = lists(600).into_iter().map(|list| list.key).collect();
        assert_eq!(keys, ["mine", "mine/1", "mine/2"]);
        let total: usize = lists(1_000_000).iter().map(|list| list.count).sum();
        assert_eq!(total, 1_000_000);
    }

    #[test]
    fn the_key_of_a_list_means_what_it_means_over_http() {
        let request = CallerRequest::keyed(&"mine/1".parse().unwrap());
        assert_eq!(lists(300)[1].request, request);
        assert_eq!(lists(300)[1], lists(999)[1].clone().with_count(44));
    }

    #[test]
    fn a_key_that_leaves_no_room_for_the_number_of_a_list_is_refused() {
        let key = "k".repeat(255);
        assert!(Lists::new(256, key.clone()).is_ok());
        let wrong = Lists::new(257, key).map(drop).unwrap_err();
        assert!(wrong.contains("at most 253"), "{wrong}");
        assert!(Lists::new(1, "a b".to_owned()).is_err());
    }

    impl List {
        fn with_count(self, count: usize) -> Self {
            Self { count, ..self }
        }
    }
}
