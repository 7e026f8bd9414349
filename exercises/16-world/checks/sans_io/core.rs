//! The calls of a connection, for the code under test and for the reference.

use event_loop::Time;
use world::sans_io::frame::{Event, Message, NotOpen, Settings};

use super::super::subject;

pub(super) trait Core {
    fn new(settings: Settings, now: Time) -> Self;
    fn receive(&mut self, now: Time, bytes: &[u8]);
    fn receive_end(&mut self);
    fn deadline(&self) -> Option<Time>;
    fn handle_timeout(&mut self, now: Time);
    fn send(&mut self, message: Message) -> Result<(), NotOpen>;
    fn close(&mut self, now: Time, code: u16);
    fn next_event(&mut self) -> Option<Event>;
    fn take_output(&mut self) -> Vec<u8>;
    fn is_over(&self) -> bool;
}

macro_rules! core_of {
    ($connection:ty) => {
        impl Core for $connection {
            fn new(settings: Settings, now: Time) -> Self {
                <$connection>::new(settings, now)
            }
            fn receive(&mut self, now: Time, bytes: &[u8]) {
                self.receive(now, bytes);
            }
            fn receive_end(&mut self) {
                self.receive_end();
            }
            fn deadline(&self) -> Option<Time> {
                self.deadline()
            }
            fn handle_timeout(&mut self, now: Time) {
                self.handle_timeout(now);
            }
            fn send(&mut self, message: Message) -> Result<(), NotOpen> {
                self.send(message)
            }
            fn close(&mut self, now: Time, code: u16) {
                self.close(now, code);
            }
            fn next_event(&mut self) -> Option<Event> {
                self.next_event()
            }
            fn take_output(&mut self) -> Vec<u8> {
                self.take_output()
            }
            fn is_over(&self) -> bool {
                self.is_over()
            }
        }
    };
}

core_of!(subject::Connection);
core_of!(world::sans_io::Connection);
