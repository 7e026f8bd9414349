//! Things that children own, and children that start others.

use std::cell::Cell;
use std::rc::Rc;

use cancellation::Cleanup;

use super::super::subject::Group;
use super::world::{SECOND, World};

/// Cleanup that takes two seconds, and starts when this is dropped.
pub(crate) fn cleanup(world: &World, group: &Group<&'static str>) -> Cleanup {
    let (world, guard) = (world.clone(), world.guard("cleanup"));
    Cleanup::new(&group.spawner(), async move {
        world.says("cleanup", "starts");
        world.handle.sleep(2 * SECOND).await;
        world.says("cleanup", "finishes");
        guard.finish();
    })
}

/// Spawns a child when it is dropped.
pub(crate) struct Spawns<F: Future<Output = Result<(), &'static str>> + 'static>(
    pub(crate) Option<(Group<&'static str>, F)>,
);

impl<F: Future<Output = Result<(), &'static str>>> Drop for Spawns<F> {
    fn drop(&mut self) {
        if let Some((group, child)) = self.0.take() {
            group.spawn(child);
        }
    }
}

/// A child that counts, and starts two like it if `depth` is more than one.
pub(crate) fn tree(group: &Group<&'static str>, count: &Rc<Cell<u32>>, depth: u32) {
    let (inside, count) = (group.clone(), Rc::clone(count));
    group.spawn(async move {
        count.set(count.get() + 1);
        if depth > 1 {
            tree(&inside, &count, depth - 1);
            tree(&inside, &count, depth - 1);
        }
        Ok(())
    });
}
