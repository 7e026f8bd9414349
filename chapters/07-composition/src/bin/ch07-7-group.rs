//! The same three downloads in a group, and a file that is removed if the report fails.

use std::rc::Rc;
use std::time::Duration;

use cancellation::Cleanup;
use composition::{Failed, task_group};
use event_loop::{EventLoop, Handle, JumpingDriver, Spawn};

// ANCHOR: main
async fn download(handle: Handle, name: &'static str, takes: u64) -> Result<(), &'static str> {
    handle.sleep(Duration::from_secs(takes)).await;
    if name == "prices" {
        return Err("prices: no route");
    }
    says(&handle, format!("{name}: written to the disk"));
    Ok(())
}

type Failures = Vec<Failed<&'static str>>;

// ANCHOR: report
async fn report(spawn: &Rc<dyn Spawn>, handle: &Handle) -> Result<(), Failures> {
    task_group(spawn, async |group| {
        let timer = handle.clone();
        let no_file = Cleanup::new(&group.spawner(), async move {
            timer.sleep(Duration::from_secs(2)).await;
            says(&timer, "the unfinished file is removed");
        });
        for (name, takes) in [("texts", 3), ("prices", 1), ("images", 5)] {
            group.spawn(download(handle.clone(), name, takes));
        }
        handle.sleep(Duration::from_secs(6)).await;
        no_file.cancel();
        Ok(())
    })
    .await
}
// ANCHOR_END: report

pub(crate) async fn reports(handle: Handle) {
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
    match report(&spawn, &handle).await {
        Ok(()) => says(&handle, "the report is complete"),
        Err(failures) => {
            for failed in failures {
                says(&handle, format!("no report, because of {failed}"));
            }
        }
    }
}
// ANCHOR_END: main

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(reports(handle.clone()));
}

fn says(handle: &Handle, what: impl std::fmt::Display) {
    println!("{} s  {what}", handle.now().since_start().as_secs());
}
