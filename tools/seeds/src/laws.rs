//! What holds in every world.

use std::rc::Rc;
use std::time::Duration;

use echo_server::Figures;
use echo_server::server::Ending;

use crate::client::{End, Kind, Report, Script};
use crate::plan::{Mishap, Plan};

/// How the server and its clients ended.
#[derive(Debug)]
pub struct Ended {
    /// The server's last figures.
    pub figures: Figures,
    /// Whether the server had to cut off connections.
    pub was_cut: bool,
    /// How long it took to finish.
    pub took: Duration,
    /// For each client, what held when the server was told to finish.
    pub told: Vec<Told>,
    /// How many clients the server must have accepted at its end: those that waited when it was told to finish
    /// included, if there was room for all of them.
    pub owed: u64,
    /// What each client saw.
    pub reports: Vec<Rc<Report>>,
    /// Descriptors that are in use on the server's host.
    pub descriptors: usize,
    /// Sockets that any kernel still holds.
    pub sockets: Vec<String>,
    /// How long the world lasted until the server had ended.
    pub lasted: Duration,
}

/// A client at the moment at which the server was told to finish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// How many of its bytes the server's kernel had, at least.
    pub delivered: usize,
    /// How many had come back.
    pub received: usize,
}

/// The most bytes that the server holds for a connection: its buffer.
const BUFFER: u64 = 64 * 1024;

/// What holds at every moment.
pub(crate) fn now(plan: &Plan, figures: Figures, descriptors: usize) -> Vec<String> {
    let mut broken = Vec::new();
    let (open, limit) = (figures.open(), plan.limits.max_connections);
    if open > limit as u64 {
        broken.push(format!(
            "{open} connections are open, and the limit is {limit}"
        ));
    }
    if descriptors > plan.kernel.descriptors {
        broken.push(format!("{descriptors} descriptors are in use"));
    }
    let held = figures.bytes_in.saturating_sub(figures.bytes_out);
    let lost = BUFFER * (figures.reset + figures.timed_out);
    if held > BUFFER * open + lost {
        broken.push(format!(
            "the server holds {held} bytes for {open} connections"
        ));
    }
    if figures.bytes_out > figures.bytes_in {
        broken.push("more bytes were sent than received".to_owned());
    }
    broken
}

/// What holds while a client waits, and there is room for it. The server looks again after a second without
/// descriptors.
pub(crate) fn ignored(ignored: Duration) -> Option<String> {
    (ignored > Duration::from_secs(3)).then(|| {
        format!("a client waits, there is room for it, and it was not accepted for {ignored:?}")
    })
}

/// What holds when all clients have ended for some time: their connections end, too.
pub(crate) fn quiet(plan: &Plan, figures: Figures, quiet: Duration) -> Option<String> {
    // The last byte may be as old as a retransmission.
    let patience = plan.limits.idle_timeout + Duration::from_secs(130);
    (quiet > patience).then(|| {
        let open = figures.open();
        format!("{open} connections are open {quiet:?} after the last client ended")
    })
}

/// What holds when the leader has returned.
pub(crate) fn ending(plan: &Plan, ending: Option<Ending>, took: Duration) -> Option<String> {
    match ending {
        Some(Ending::AtOnce) if plan.again != Some(took) => Some(format!(
            "the server stopped at once, {took:?} after the first order, and the second came after {:?}",
            plan.again
        )),
        // While the network catches up, connections may end, and the workers go on.
        Some(Ending::CutOff(0)) if plan.busy.is_zero() => {
            Some("no connection was open, and the server waited for one to end".to_owned())
        }
        Some(Ending::InTime | Ending::CutOff(_))
            if plan.again.is_some_and(|again| took > again) =>
        {
            Some(format!(
                "the server went on until {took:?} after the first order, and a second came before"
            ))
        }
        _ => None,
    }
}

/// What holds at the end.
pub(crate) fn at_the_end(plan: &Plan, ended: &Ended) -> Vec<String> {
    let mut broken = of_the_server(plan, ended);
    let each = plan.clients.iter().zip(&ended.reports).zip(&ended.told);
    for (number, ((script, report), told)) in each.enumerate() {
        if let Some(what) = of_a_client(plan, ended, script, report, *told) {
            broken.push(format!("client-{number}: {what}"));
        }
    }
    let short = (ended.reports.iter())
        .filter(|report| is_short(report))
        .count();
    let excused = ended.figures.timed_out as usize;
    if plan.stop.is_none() && short > excused {
        broken.push(format!(
            "{short} clients read the server's end before the last of their bytes, and {excused} connections timed out"
        ));
    }
    broken
}

fn of_the_server(plan: &Plan, ended: &Ended) -> Vec<String> {
    let mut broken = Vec::new();
    let figures = ended.figures;
    if figures.open() != 0 {
        broken.push(format!("{} connections have no end", figures.open()));
    }
    if figures.bytes_out > figures.bytes_in {
        broken.push("more bytes were sent than received".to_owned());
    }
    let received: usize = ended
        .reports
        .iter()
        .map(|report| report.received.get())
        .sum();
    if received as u64 > figures.bytes_out {
        broken.push(format!(
            "clients received {received} bytes, and the server counts {}",
            figures.bytes_out
        ));
    }
    if figures.accepted < ended.owed && !ended.was_cut {
        broken.push(format!(
            "the server accepted {} clients, and {} had come before it was told to finish",
            figures.accepted, ended.owed
        ));
    }
    if ended.took > plan.limits.drain_timeout {
        broken.push(format!("the server took {:?} to finish", ended.took));
    }
    if ended.descriptors != 0 {
        broken.push(format!("{} descriptors are left", ended.descriptors));
    }
    for socket in &ended.sockets {
        broken.push(format!("a socket is left: {socket}"));
    }
    broken
}

fn of_a_client(
    plan: &Plan,
    ended: &Ended,
    script: &Script,
    report: &Report,
    told: Told,
) -> Option<String> {
    let (sent, received) = (report.sent.get(), report.received.get());
    if let Some(place) = report.wrong_byte.get() {
        return Some(format!(
            "byte {place} of the echo is not the one that was sent"
        ));
    }
    if received > sent {
        return Some(format!("{received} bytes came back of {sent}"));
    }
    let end = *report.end.borrow();
    if end == Some(End::GaveUp) && !matches!(script.mishap, Some(Mishap::Partition { .. })) {
        return Some("it waited for three hours".to_owned());
    }
    let may_time_out = ended.figures.timed_out > 0;
    let is_owed = end == Some(End::ServersEnd) || told.received > 0 && is_quick(script);
    if is_owed && received < told.delivered && !ended.was_cut && !may_time_out {
        return Some(format!(
            "{} bytes had arrived when the server was told to finish, and {received} came back before {end:?}",
            told.delivered
        ));
    }
    let was_ignored =
        matches!(end, Some(End::NotConnected(_))) && plan.kernel.backlog < plan.clients.len();
    if is_served(plan, script)
        && !was_ignored
        && (end, received) != (Some(End::ServersEnd), script.bytes)
    {
        return Some(format!(
            "nothing was wrong with it, and its end is {end:?} after {received} of {} bytes",
            script.bytes
        ));
    }
    None
}

/// Whether the server has to serve this client to its end.
fn is_served(plan: &Plan, script: &Script) -> bool {
    let is_good = matches!(script.kind, Kind::Steady | Kind::Bulk);
    let is_quiet = script.mishap.is_none() && script.link.loss == 0;
    is_good && is_quiet && plan.stop.is_none() && plan.kernel.aborted == 0
}

/// Whether a client sends and reads without a break, so that a server which lingers at its close loses none of the
/// bytes on their way to it.
fn is_quick(script: &Script) -> bool {
    let is_good = matches!(script.kind, Kind::Steady | Kind::Bulk);
    let is_quiet = script.mishap.is_none() && script.link.loss == 0;
    is_good
        && is_quiet
        && script.pace <= Duration::from_millis(20)
        && *script.link.latency.end() <= Duration::from_millis(40)
}

/// Whether a client that had sent everything and its end read the server's end too early.
fn is_short(report: &Report) -> bool {
    *report.end.borrow() == Some(End::ServersEnd)
        && report.sent_end.get()
        && report.received.get() < report.sent.get()
}
