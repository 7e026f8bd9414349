//! A long random run of a group, judged by what holds for every group.

use std::rc::Rc;
use std::sync::atomic::Ordering;

use probe::panics;
use probe::random::Random;

use super::{Act, AnyGroup, Destructors, GroupMachine, Member, Role, World};

/// What members do, the likely more than once.
const ACTS: [Act; 8] = [
    Act::Waits,
    Act::Finishes,
    Act::Finishes,
    Act::Finishes,
    Act::Spawns,
    Act::Spawns,
    Act::Fails,
    Act::Panics,
];

/// Steps of one schedule, before what is left comes to its end.
const STEPS: usize = 40;

/// Runs one group to its end, with children that finish, fail, panic, hang, spawn others and start cleanup when they are dropped.
/// In every second schedule the group is dropped at some step.
///
/// # Errors
///
/// The rule that the run broke, in a sentence.
pub fn schedule<G: AnyGroup>(seed: u64) -> Result<(), String> {
    let ran = panics::expected(|| Schedule::<G>::new(seed).run());
    let judged = ran.unwrap_or_else(|panic| Err(format!("a panic escaped: {}", panic.message)));
    judged.map_err(|rule| format!("schedule {seed}: {rule}"))
}

struct Schedule<G: AnyGroup> {
    random: Random,
    machine: GroupMachine<G>,
    world: Rc<World<G::Handle>>,
    dropped: bool,
    /// How many failures the group returned.
    returned: Option<usize>,
    drop_at: Option<usize>,
}

impl<G: AnyGroup> Schedule<G> {
    fn new(seed: u64) -> Schedule<G> {
        let mut random = Random::seeded(seed);
        let world = World::new(*random.pick(&Destructors::ALL));
        let children = random.below(4);
        let machine = GroupMachine::with_children(Rc::clone(&world), children);
        machine.waiters[0].0.store(true, Ordering::Relaxed);
        let drop_at = seed.is_multiple_of(2).then(|| random.below(STEPS));
        Schedule {
            random,
            machine,
            world,
            dropped: false,
            returned: None,
            drop_at,
        }
    }

    fn run(mut self) -> Result<(), String> {
        for step in 0..STEPS {
            let destructors = *self.random.pick(&Destructors::ALL);
            self.world.destructors.set(destructors);
            self.step();
            if self.drop_at == Some(step) {
                self.drop_the_group();
            }
            self.judge()?;
        }
        for _ in 0..STEPS {
            self.every_child_finishes();
            self.judge()?;
        }
        self.nothing_is_left()
    }

    /// Something happens to one member; or the loop runs; or the task of the group has its turn.
    fn step(&mut self) {
        let mut members = self.world.alive(Role::Child);
        members.extend(self.world.alive(Role::Body));
        members.extend(self.world.alive(Role::Cleanup));
        if !members.is_empty() {
            let member: Rc<Member> = Rc::clone(self.random.pick(&members));
            // A few tens of members are enough for one run.
            let crowded = self.world.members.borrow().len() > 30;
            let act = *self.random.pick(&ACTS);
            let act = if crowded && act == Act::Spawns {
                Act::Waits
            } else {
                act
            };
            member.wake(act);
        }
        if self.random.below(2) == 0 {
            self.machine.event_loop.run();
        }
        if self.random.below(2) == 0 {
            self.turn();
        }
    }

    fn turn(&mut self) {
        if self.dropped || self.returned.is_some() {
            return;
        }
        if self.random.below(8) == 0 {
            self.machine.latest = 1 - self.machine.latest;
            self.machine.waiters[self.machine.latest]
                .0
                .store(true, Ordering::Relaxed);
        }
        let outcome = self.machine.turn();
        if outcome.starts_with("Ready") {
            let failures = match outcome.strip_prefix("Ready(Err([") {
                None => 0,
                Some("]))") => 0,
                Some(list) => list.matches(';').count() + 1,
            };
            self.returned = Some(failures);
        }
    }

    fn drop_the_group(&mut self) {
        if self.returned.is_some() {
            return;
        }
        self.dropped = true;
        let group = self.machine.group.take();
        // A destructor of the body may panic.
        let _ = panics::expected(|| drop(group));
    }

    fn every_child_finishes(&mut self) {
        for role in [Role::Child, Role::Body, Role::Cleanup] {
            for member in self.world.alive(role) {
                member.wake(Act::Finishes);
            }
        }
        self.machine.event_loop.run();
        self.turn();
    }

    fn judge(&self) -> Result<(), String> {
        let count = |role| self.world.alive(role).len();
        let (bodies, children, cleanups) =
            (count(Role::Body), count(Role::Child), count(Role::Cleanup));
        if self.dropped && bodies + children > 0 {
            return Err(format!(
                "the group was dropped, and {bodies} body and {children} children are still there"
            ));
        }
        let Some(returned) = self.returned else {
            return Ok(());
        };
        if bodies + children + cleanups > 0 {
            return Err(format!(
                "the group is ready, and {bodies} body, {children} children and {cleanups} cleanups are still there"
            ));
        }
        let failures = self.world.failures.get();
        if returned != failures {
            return Err(format!(
                "there were {failures} failures, and the group returned {returned}"
            ));
        }
        Ok(())
    }

    fn nothing_is_left(mut self) -> Result<(), String> {
        if !self.dropped && self.returned.is_none() {
            return Err("every child has finished, and the group is not ready".to_owned());
        }
        drop((self.machine.group.take(), self.machine.value.take()));
        self.machine.event_loop.run();
        let kept = self.machine.event_loop.kept();
        let alive = self.world.values.alive();
        let left = self.world.alive(Role::Cleanup).len();
        if kept + alive + left > 0 {
            return Err(format!(
                "at the end the loop keeps {kept} tasks; {alive} values and {left} cleanups are alive"
            ));
        }
        Ok(())
    }
}
