//! A child that is reaped in every case, and to what a signal goes.

use std::io;
use std::process::{Child, ExitStatus};

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid,
};

use super::reaper;

/// A child, until it is reaped; then its status. Dropping it before kills the child, and the reaper waits for
/// it.
#[derive(Debug)]
pub(super) struct Owned {
    state: State,
    reach: Reach,
}

#[derive(Debug)]
enum State {
    Running(Child),
    Ended(ExitStatus),
}

/// To what a signal goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reach {
    Process,
    /// The child leads a process group of its own, and the signal goes to all of it.
    Group,
}

impl Owned {
    pub(super) fn new(child: Child, reach: Reach) -> Owned {
        Owned {
            state: State::Running(child),
            reach,
        }
    }

    /// The status, if the child has ended. The first call that finds it reaps the child.
    pub(super) fn look(&mut self) -> io::Result<Option<ExitStatus>> {
        let child = match &mut self.state {
            State::Ended(status) => return Ok(Some(*status)),
            State::Running(child) => child,
        };
        if let Reach::Group = self.reach {
            // The leader's number, which is the group's, is not used again before the leader is reaped. So
            // the group is killed first.
            let leader = Pid::from_child(child);
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            if waitid(WaitId::Pid(leader), options)?.is_none() {
                return Ok(None);
            }
            // It fails if there is no process left in the group.
            let _ = kill_process_group(leader, Signal::KILL);
        }
        let ended = child.try_wait()?;
        if let Some(status) = ended {
            self.state = State::Ended(status);
        }
        Ok(ended)
    }

    /// What is known of the status; asks nothing.
    pub(super) fn status(&self) -> Option<ExitStatus> {
        match &self.state {
            State::Running(_) => None,
            State::Ended(status) => Some(*status),
        }
    }

    /// Does nothing if the child is reaped: its number may be another process's by now.
    pub(super) fn signal(&self, signal: Signal) -> io::Result<()> {
        let State::Running(child) = &self.state else {
            return Ok(());
        };
        let pid = Pid::from_child(child);
        match self.reach {
            Reach::Process => kill_process(pid, signal)?,
            Reach::Group => kill_process_group(pid, signal)?,
        }
        Ok(())
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // It fails if the child has ended by itself.
        let _ = self.signal(Signal::KILL);
        let state = std::mem::replace(&mut self.state, State::Ended(ExitStatus::default()));
        if let State::Running(child) = state {
            reaper::reap(child);
        }
    }
}
