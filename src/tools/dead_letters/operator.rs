//! In whose name something is done.

use schemas::dead_letter::Who;

use crate::cli::Operator;

impl Operator {
    /// The name that was set, or that of the system's user.
    pub(super) fn who(&self) -> Who {
        let user = || {
            let names = ["USER", "LOGNAME"].into_iter().filter_map(|name| std::env::var(name).ok());
            names.filter_map(|name| name.parse().ok()).next()
        };
        let nobody = || Who::unknown();
        self.name.clone().or_else(user).unwrap_or_else(nobody)
    }
}
