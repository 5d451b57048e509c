//! A small disk of a server's own, which can be full: a file with a file system, mounted.

use std::fs::{File, OpenOptions, remove_file};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::fs::{FallocateFlags, fallocate, statvfs};
use rustix::process::geteuid;

/// Its size in bytes. The file takes as much as is written to it.
const SIZE: u64 = 2 << 30;

/// A mounted disk. It is unmounted when it is dropped.
#[derive(Debug)]
pub(super) struct Disk {
    at: PathBuf,
}

impl Disk {
    /// Makes one in this folder. `None` where nothing can be mounted: only root may, and a container may
    /// have no loop devices.
    pub(super) fn mount(folder: &Path) -> io::Result<Option<Self>> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        let (image, at) = (folder.join("disk.img"), folder.join("disk"));
        File::create(&image)?.set_len(SIZE)?;
        std::fs::create_dir(&at)?;
        let made = succeeds(Command::new("mkfs.ext4").args(["-q", "-m", "0"]).arg(&image));
        let mounted =
            made && succeeds(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(&at));
        Ok(mounted.then_some(Self { at }))
    }

    /// Where it is mounted.
    pub(super) fn path(&self) -> &Path {
        &self.at
    }

    fn ballast(&self) -> PathBuf {
        self.at.join("ballast")
    }

    /// Takes all that is free.
    pub(super) fn fill(&self) -> io::Result<()> {
        let file = OpenOptions::new().create(true).append(true).open(self.ballast())?;
        let mut end = file.metadata()?.len();
        // In ever smaller pieces: what a file takes besides its blocks is not known before.
        for piece in [1 << 26, 1 << 20, 1 << 12] {
            let stat = statvfs(&self.at)?;
            for _ in 0..=stat.f_bavail * stat.f_frsize / piece {
                if fallocate(&file, FallocateFlags::empty(), end, piece).is_err() {
                    break;
                }
                end += piece;
            }
        }
        Ok(())
    }

    /// Gives it back.
    pub(super) fn free(&self) -> io::Result<()> {
        remove_file(self.ballast())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a process that was just killed may still hold a file.
        succeeds(Command::new("umount").arg("--lazy").arg(&self.at));
    }
}

fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_full_disk_takes_nothing_until_it_is_freed() {
        let folder = tempfile::tempdir().unwrap();
        let Some(disk) = Disk::mount(folder.path()).unwrap() else { return };
        disk.fill().unwrap();
        let write = || {
            let mut file = File::create(disk.path().join("file"))?;
            file.write_all(&[7; 64 << 10])?;
            file.sync_all()
        };
        assert!(write().is_err_and(|error| error.kind() == io::ErrorKind::StorageFull));
        disk.free().unwrap();
        write().unwrap();
    }
}
