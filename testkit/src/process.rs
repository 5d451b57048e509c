//! Child processes that can be killed, paused and measured, and that end with this process.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use rustix::process::{Pid, Signal, kill_process};

/// A running child process in a process group of its own. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    id: u32,
    log: PathBuf,
    child: Mutex<Child>, // a test may pause a server that another of its threads is talking to
}

impl Process {
    /// Starts `command`; its output is appended to `log`.
    ///
    /// Make the command with [`mortal`]: it is then killed when this process ends in any way.
    pub fn start(mut command: Command, log: &Path) -> io::Result<Self> {
        use std::os::unix::process::CommandExt;
        let file = fs::File::options().create(true).append(true).open(log)?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        command.process_group(0); // Ctrl-C in the terminal must not reach the servers; this process ends them
        let child = spawn(command)?;
        Ok(Self { id: child.id(), log: log.to_owned(), child: Mutex::new(child) })
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The exit status, once it has ended.
    pub fn ended(&self) -> Option<ExitStatus> {
        self.child().try_wait().ok().flatten()
    }

    /// Sends SIGKILL and waits for the end. Nothing is flushed, as in a power cut.
    pub fn kill(&self) {
        let mut child = self.child();
        let _ = child.kill();
        let _ = child.wait();
    }

    /// Sends SIGTERM and waits for the end; after `patience` sends SIGKILL. Returns whether it ended by
    /// itself.
    pub fn terminate(&self, patience: Duration) -> bool {
        self.signal(Signal::TERM);
        let ended = poll(patience, || self.ended()).is_some();
        self.kill();
        ended
    }

    /// SIGSTOP: alive, holding its connections, and silent.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// SIGCONT: ends a [`pause`](Self::pause).
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// A memory figure of the process in KiB: `VmRSS` (now) or `VmHWM` (at most). 0 once it is dead.
    pub fn memory(&self, figure: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id)).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(figure)?.strip_prefix(':'));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    }

    /// The processor time that it and its children have used so far, as the operating system counts
    /// it: in steps of 10 ms. What has ended does not count.
    pub fn cpu(&self) -> Duration {
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let stats =
            processes.filter_map(|process| fs::read_to_string(process.path().join("stat")).ok());
        stats.filter_map(|stat| ticks(&stat, self.id)).map(|ticks| TICK * ticks).sum()
    }

    fn signal(&self, signal: Signal) {
        let mut child = self.child();
        // The id is only certain to be our child's while the child has not been waited for.
        if matches!(child.try_wait(), Ok(None)) {
            let _ = kill_process(Pid::from_child(&child), signal);
        }
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// So many of its last lines are shown when a test fails.
const SHOWN: usize = 30;

/// A test that fails shows what its processes said last: their logs go away with it.
impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking()
            && let Ok(log) = fs::read_to_string(&self.log)
        {
            let skipped = log.lines().count().saturating_sub(SHOWN);
            let last: Vec<_> = log.lines().skip(skipped).collect();
            eprintln!("--- the end of {}\n{}", self.log.display(), last.join("\n"));
        }
    }
}

/// Linux counts in these steps for programs, on every usual machine (`USER_HZ`).
const TICK: Duration = Duration::from_millis(10);

/// The steps that a process of this group has used, from its line in `/proc/PID/stat`.
fn ticks(stat: &str, group: u32) -> Option<u32> {
    let after_name = stat.rsplit_once(')')?.1; // a name may have spaces
    let mut fields = after_name.split_whitespace().skip(2);
    if fields.next()?.parse::<u32>().ok()? != group {
        return None;
    }
    let mut used = fields.skip(8).map(str::parse::<u32>);
    Some(used.next()?.ok()? + used.next()?.ok()?)
}

/// A command whose process gets SIGKILL when this process ends, if `setpriv` exists (on any Debian).
pub fn mortal(program: impl AsRef<Path>) -> Command {
    let Some(setpriv) = find("setpriv") else { return Command::new(program.as_ref()) };
    let mut command = Command::new(setpriv);
    command.args(["--pdeathsig", "KILL", "--"]).arg(program.as_ref());
    command
}

/// The path of a program: in `PATH`, or in the folders where Debian installs servers.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let servers = ["/usr/local/sbin", "/usr/sbin", "/usr/libexec"].map(PathBuf::from);
    env::split_paths(&path).chain(servers).map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// A Python that has this module: the one in `PATH`, or the system's.
pub fn python_with(module: &str) -> Option<&'static str> {
    ["python3", "/usr/bin/python3"].into_iter().find(|python| {
        let import = Command::new(python).args(["-c", &format!("import {module}")]).output();
        import.is_ok_and(|ended| ended.status.success())
    })
}

/// Calls `ask` every 20 ms until it returns a value or the deadline has passed.
pub fn poll<T>(deadline: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let began = Instant::now();
    loop {
        let answer = ask();
        if answer.is_some() || began.elapsed() > deadline {
            return answer;
        }
        #[expect(clippy::disallowed_methods, reason = "servers are polled outside of any runtime")]
        thread::sleep(Duration::from_millis(20));
    }
}

type Birth = (Command, mpsc::Sender<io::Result<Child>>);

/// The thread that spawns all children, which never ends. Linux sends the parent-death signal when
/// the *thread* that spawned the child ends, and the thread of a test ends before its process.
static NURSERY: LazyLock<mpsc::Sender<Birth>> = LazyLock::new(|| {
    let (births, orders) = mpsc::channel::<Birth>();
    thread::spawn(move || {
        for (mut command, reply) in orders {
            let _ = reply.send(command.spawn());
        }
    });
    births
});

fn spawn(command: Command) -> io::Result<Child> {
    let (reply, child) = mpsc::channel();
    let gone = || io::Error::other("the thread that spawns processes is gone");
    NURSERY.send((command, reply)).map_err(|_| gone())?;
    child.recv().map_err(|_| gone())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_time_of_a_group_is_counted() {
        let stat = "7 (a) b) S 1 70 70 0 -1 4194560 1 2 3 4 150 25 6 7 20 0 1 0 99 8 9";
        assert_eq!(ticks(stat, 70), Some(175));
        assert_eq!(ticks(stat, 71), None);
        assert_eq!(ticks("", 70), None);
    }
}
