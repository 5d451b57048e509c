//! MariaDB nodes of which one follows another, and takes its place.

use std::time::Duration;

use super::mariadb::MariaDb;
use super::shared::Error;
use crate::process::poll;

/// How long a replica may take until it is connected, and until it has applied what it has received.
const PATIENCE: Duration = Duration::from_secs(60);

/// When a primary answers a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replication {
    /// When it is on the primary's disk.
    Asynchronous,
    /// When the replica has received it, too, however long that takes. Nobody sees it before.
    SemiSynchronous,
}

/// What both nodes of a pair have. Neither writes by itself: after each start a node is read-only, until
/// it is told to [lead](MariaDb::lead).
const BOTH: [&str; 7] = [
    "--log-bin=binlog",
    "--relay-log=relay",
    "--log-slave-updates=1",
    "--gtid-strict-mode=1",
    "--read-only=1",
    "--slave-net-timeout=4",
    "--init-rpl-role=SLAVE", // a crashed primary takes back what no replica has acknowledged
];

/// The settings that lose nothing. The time limit is the longest that MySQL knows: 49 days.
const SEMI_SYNCHRONOUS: [&str; 4] = [
    "--rpl-semi-sync-slave-enabled=1",
    "--rpl-semi-sync-master-wait-point=AFTER_SYNC",
    "--rpl-semi-sync-master-wait-no-slave=1",
    "--rpl-semi-sync-master-timeout=4294967295",
];

impl Replication {
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Asynchronous => &[],
            Self::SemiSynchronous => &SEMI_SYNCHRONOUS,
        }
    }
}

impl MariaDb {
    /// Starts an empty node that can lead and follow. Each node of a pair has a number of its own.
    pub fn start_replicating(number: u32, replication: Replication) -> Result<Self, Error> {
        let number = format!("--server-id={number}");
        let all = BOTH.iter().chain(replication.arguments()).map(|&argument| argument.to_owned());
        Self::start_with(all.chain([number]).collect())
    }

    /// Follows the primary at this port of the loopback, from what this node has itself. Waits until
    /// the primary sends.
    pub fn follow(&self, primary: u16) -> Result<(), Error> {
        self.sql(&format!(
            "STOP SLAVE; SET GLOBAL read_only = 1; \
             SET GLOBAL rpl_semi_sync_master_enabled = 0; \
             SET GLOBAL gtid_slave_pos = @@GLOBAL.gtid_current_pos; \
             CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = {primary}, \
             MASTER_USER = 'root', MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1; \
             START SLAVE"
        ))?;
        let follows = || {
            let status = self.sql("SHOW SLAVE STATUS").ok()?;
            (status.split('\t').filter(|&column| column == "Yes").count() == 2).then_some(())
        };
        poll(PATIENCE, follows).ok_or_else(|| self.not("does not follow"))
    }

    /// Becomes the primary, when everything that it has received is applied.
    pub fn lead(&self, replication: Replication) -> Result<(), Error> {
        self.sql("STOP SLAVE IO_THREAD")?;
        if let Some(received) = gtid(&self.sql("SHOW SLAVE STATUS")?) {
            self.await_applied(received)?;
        }
        self.sql("STOP SLAVE; RESET SLAVE ALL")?;
        if replication == Replication::SemiSynchronous {
            self.sql("SET GLOBAL rpl_semi_sync_master_enabled = 1")?;
        }
        self.sql("SET GLOBAL read_only = 0").map(drop)
    }

    /// Waits until a replica has applied this transaction, and all before it.
    pub fn await_applied(&self, gtid: &str) -> Result<(), Error> {
        let limit = PATIENCE.as_secs();
        let applied = self.sql(&format!("SELECT MASTER_GTID_WAIT('{gtid}', {limit})"))?;
        if applied == "0" { Ok(()) } else { Err(self.not("is behind")) }
    }

    fn not(&self, what: &str) -> Error {
        let status = self.sql("SHOW SLAVE STATUS").unwrap_or_default();
        Error::Refused(format!("the replica {what}: {status}"))
    }
}

/// The only GTID in the status of a replica: the last transaction that it has received whole.
fn gtid(status: &str) -> Option<&str> {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_gtid = |column: &&str| {
        let parts: Vec<_> = column.split('-').collect();
        parts.len() == 3 && parts.into_iter().all(number)
    };
    status.split('\t').find(is_gtid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_transaction_that_was_received_is_found_in_a_status() {
        assert_eq!(gtid("127.0.0.1\t3306\tSlave_Pos\t0-1-17\tYes"), Some("0-1-17"));
        assert_eq!(gtid("127.0.0.1\t2026-11-\t\tYes"), None);
    }
}
