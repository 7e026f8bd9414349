//! A host: its sockets, its programs, its power.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use event_loop::{Handle, JoinHandle};

use crate::clock::{Clock, Drift};
use crate::conditions::Kernel;
use crate::listener::Listener;
use crate::net::SimNet;
use crate::stream::{self, Stream};
use crate::world::{HostId, address};

/// A simulated host. A clone is the same host.
#[derive(Clone)]
pub struct Host {
    pub(crate) net: SimNet,
    pub(crate) id: HostId,
    programs: Rc<RefCell<Vec<JoinHandle<()>>>>,
}

impl Host {
    pub(crate) fn new(net: SimNet, id: HostId) -> Host {
        Host {
            net,
            id,
            programs: Rc::default(),
        }
    }

    /// The host's name.
    #[must_use]
    pub fn name(&self) -> String {
        self.net.shared.world.borrow().host(self.id).name.clone()
    }

    /// The address of a port of this host.
    #[must_use]
    pub fn address(&self, port: u16) -> SocketAddr {
        address(self.id, port)
    }

    /// Changes how its kernel answers. The sizes of buffers are those of the moment at which bytes are written.
    pub fn change_kernel(&self, change: impl FnOnce(&mut Kernel)) {
        change(&mut self.net.shared.world.borrow_mut().hosts[self.id.0].kernel);
    }

    /// How many descriptors are in use.
    #[must_use]
    pub fn descriptors(&self) -> usize {
        self.net.shared.world.borrow().host(self.id).descriptors
    }

    /// How many clients wait to be accepted on a port of this host.
    #[must_use]
    pub fn waiting(&self, port: u16) -> usize {
        let world = self.net.shared.world.borrow();
        let listener = world.listener(self.id, port);
        let listener = listener.and_then(|it| world.listeners[it.0].as_ref());
        listener.map_or(0, |listener| listener.queue.len())
    }

    /// How many bytes the sockets of this host hold in its kernel, in both directions.
    #[must_use]
    pub fn bytes_in_kernel(&self) -> usize {
        self.net.shared.world.borrow().bytes_in_kernel(self.id)
    }

    /// Listens on a port.
    ///
    /// # Errors
    ///
    /// If a listener of this host has the port, or no descriptor is left.
    pub fn listen(&self, port: u16) -> io::Result<Listener> {
        Listener::new(self, port)
    }

    /// Connects to a listener on some host.
    ///
    /// # Errors
    ///
    /// If no descriptor is left, no host has the address, no listener has the port, or no answer comes for 127
    /// seconds.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the socket.
    pub async fn connect(&self, address: SocketAddr) -> io::Result<Stream> {
        stream::connect(self, address).await
    }

    /// A clock of this host. It differs from the network's by `drift`.
    #[must_use]
    pub fn clock(&self, handle: &Handle, drift: Drift) -> Clock {
        Clock::new(handle.clone(), drift)
    }

    /// Runs a program on this host: a task that ends when the host is switched off.
    pub fn spawn(&self, handle: &Handle, program: impl Future<Output = ()> + 'static) {
        let program = handle.spawn(program);
        self.programs.borrow_mut().push(program);
    }

    /// Cuts the power. Its programs and its sockets are gone at once, and no segment is sent: no peer is told.
    pub fn power_off(&self) {
        self.switch_off();
        self.end_programs();
    }

    /// Kills the programs of this host. Its kernel closes their sockets, as if they had dropped them.
    pub fn kill(&self) {
        self.note("its programs are killed");
        self.end_programs();
    }

    /// Switches the host on again. No program runs on it, and its kernel knows no connection of before: a
    /// segment of one is answered with a reset.
    pub fn power_on(&self) {
        self.net.shared.world.borrow_mut().hosts[self.id.0].is_on = true;
        self.note("power on");
    }

    fn switch_off(&self) {
        self.note("power off");
        let mut world = self.net.shared.world.borrow_mut();
        world.hosts[self.id.0].is_on = false;
        world.hosts[self.id.0].descriptors = 0;
        for socket in &mut world.sockets {
            if socket.as_ref().is_some_and(|socket| socket.host == self.id) {
                *socket = None;
            }
        }
        for listener in &mut world.listeners {
            if listener.as_ref().is_some_and(|it| it.host == self.id) {
                *listener = None;
            }
        }
    }

    fn end_programs(&self) {
        let programs = self.programs.take();
        for program in programs {
            program.abort();
        }
    }

    fn note(&self, what: &str) {
        let mut world = self.net.shared.world.borrow_mut();
        let line = format!("{}: {what}", world.host(self.id).name);
        let now = world.now;
        world.trace.line(now, format_args!("{line}"));
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Host").field(&self.name()).finish()
    }
}
