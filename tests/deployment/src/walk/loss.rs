//! What is lost, and comes back from a backup.

use xtask::Failure;

use super::Reader;
use crate::facts::expect;
use crate::machines::{MANAGER, NAMES};
use crate::swarm::in_mysql;

/// What stands for a backup in the guide.
const BACKUP: &str = "/var/backups/spymission/missions-….sql.gz";
const COUNT: &str = "SELECT COUNT(*) FROM missions";

impl Reader {
    async fn newest_backup(&self) -> Result<String, Failure> {
        let newest = self.on_manager("ls -t /var/backups/spymission/*.sql.gz | head -n 1").await?;
        Ok(newest.trim().to_owned())
    }

    pub(super) async fn restores(&self) -> Result<String, Failure> {
        self.on_manager("spymission-backup").await?;
        // grep fails where it finds nothing.
        let logged = "docker exec $(docker ps -qf label=com.docker.swarm.service.name=spymission_mysql) \
            sh -c 'grep -l spymission_checking /var/lib/mysql/binlog.0* || true'";
        let written = self.on_manager(&logged.replace("_checking", "")).await?;
        expect(!written.is_empty(), || "there are no binary logs".to_owned())?;
        let logged = self.on_manager(logged).await?;
        expect(logged.is_empty(), || format!("the backup was copied into {logged}"))?;
        let newest = self.newest_backup().await?;
        let before = self.on_manager(&in_mysql(COUNT)).await?;
        for command in self.commands("Back up and restore", '#') {
            self.on_manager(&command.replace(BACKUP, &newest)).await?;
        }
        let after = self.on_manager(&in_mysql(COUNT)).await?;
        expect(before == after, || format!("{before} missions before, {after} after"))?;
        Ok(format!("{} missions", after.trim()))
    }

    /// After all missions but that of the probe were deleted.
    pub(super) async fn returns(&self) -> Result<String, Failure> {
        self.answers().await?;
        let before = self.on_manager(&in_mysql(COUNT)).await?;
        let moment = self.on_manager("date --utc '+%F %T UTC'").await?;
        self.on_manager("second=$(date +%s); until [ $(date +%s) -gt $second ]; do :; done")
            .await?;
        self.on_manager(&in_mysql("DELETE FROM missions")).await?;
        self.answers().await?;
        let commands = self.commands("Return to a moment", '#');
        let [back_up, restore, next] = commands.as_slice() else {
            return Err("the guide has other commands".into());
        };
        let written = "2026-11-28 04:10:00 UTC";
        let said = self.on_manager(&back_up.replace(written, moment.trim())).await?;
        let file = said.split(':').next().unwrap_or_default();
        let printed = "/var/backups/spymission/missions-20261128T041000Z.sql.gz";
        let restore = restore.replace(printed, file);
        self.on_manager(&format!("echo replace 1 missions | {restore}")).await?;
        let after = self.on_manager(&in_mysql(COUNT)).await?;
        expect(before == after, || format!("{before} missions before, {after} after"))?;
        self.on_manager(next).await?;
        Ok(format!("{} missions", after.trim()))
    }

    /// Another machine in the place of the manager, with nothing but a backup that was brought elsewhere.
    pub(super) async fn begins_anew(&self) -> Result<String, Failure> {
        let newest = self.newest_backup().await?;
        let before = self.on_manager(&in_mysql(COUNT)).await?;
        let copy = self.on_manager(&format!("base64 --wrap=0 {newest}")).await?;
        let heading = "A lost manager";
        let commands = self.commands(heading, '#');
        let [leave, folder, restore, back_up] = commands.as_slice() else {
            return Err("the guide has other commands".into());
        };
        self.machines.replace(MANAGER).await?;
        for worker in NAMES.into_iter().filter(|name| *name != MANAGER) {
            self.machines.ssh(worker, leave).await?;
        }
        self.on_manager(folder).await?;
        self.on_manager(&format!("echo {copy} | base64 --decode >{newest}")).await?;
        self.types(&[&self.again()[..], &self.commands(heading, '$')].concat()).await?;
        self.on_manager(&restore.replace(BACKUP, &newest)).await?;
        let after = self.on_manager(&in_mysql(COUNT)).await?;
        expect(before == after, || format!("{before} missions before, {after} after"))?;
        self.on_manager(back_up).await?;
        self.answers().await?;
        Ok(format!("{} missions, and then another one", after.trim()))
    }
}
