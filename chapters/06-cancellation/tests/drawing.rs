//! What happens, event by event, when a task three awaits deep is cancelled. The book prints it.

use std::rc::Rc;
use std::time::Duration;

use cancellation::Task;
use event_loop::{Handle, Spawn, yield_now};
use probe::Recorder;
use probe_loop::SimLoop;

struct Guard(Recorder, &'static str);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.says(self.1, "destructor runs");
    }
}

// ANCHOR: functions
async fn fetch(handle: Handle, recorder: Recorder) {
    let _connection = Guard(recorder.clone(), "connection");
    request(handle, recorder).await;
}

async fn request(handle: Handle, recorder: Recorder) {
    let _lock = Guard(recorder.clone(), "lock");
    answer(handle, recorder).await;
}

async fn answer(handle: Handle, recorder: Recorder) {
    let _buffer = Guard(recorder, "buffer");
    handle.sleep(Duration::from_secs(30)).await;
}
// ANCHOR_END: functions

#[test]
fn what_happens_when_a_task_three_awaits_deep_is_cancelled() {
    let run = probe::run!();
    let sim = SimLoop::new(&run);
    let recorder = run.recorder().clone();
    let main = main(sim.handle(), sim.recorded().clone(), recorder);
    let main = sim.spawn("main", main);
    sim.drive(main).expect("no other task waits");
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("ch06-5-three-deep", run.recorder().recording().to_string()); }
    );
}

// ANCHOR: main
async fn main(handle: Handle, recorded: probe_loop::Recorded, recorder: Recorder) {
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
    recorded.next_task("fetch");
    let task = Task::spawn(&spawn, fetch(handle, recorder.clone()));
    yield_now().await;
    let call = recorder.enters("main", "cancel()");
    let cancelled = task.cancel();
    call.returns(cancelled.to_string());
    let _ = task.await;
    recorder.says("main", "learns that it has finished");
}
// ANCHOR_END: main
