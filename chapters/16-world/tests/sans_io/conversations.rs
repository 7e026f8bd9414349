//! The same conversations under each driver.

use event_loop::Time;
use world::sans_io::{Connection, Event, Message, NotOpen, Violation};

use super::drivers::{Conversation, DRIVERS, Heard};

fn text(text: &str) -> Message {
    Message::Text(text.to_owned())
}

fn echo(event: Option<&Event>, connection: &mut Connection) {
    if let Some(Event::Message(message)) = event {
        let _closing: Result<(), NotOpen> = connection.send(message.clone());
    }
}

fn silent(_: Option<&Event>, _: &mut Connection) {}

fn each_driver_hears(conversation: Conversation, expected: &Heard) {
    for (name, drive) in DRIVERS {
        assert_eq!(&drive(conversation), expected, "under {name}");
    }
}

#[test]
fn a_server_echoes_and_the_client_closes_under_each_driver() {
    fn big() -> Message {
        Message::Binary((0..100_000u32).map(|number| number as u8).collect())
    }
    fn client(event: Option<&Event>, connection: &mut Connection) {
        match event {
            None => {
                for message in [text("зима"), text(""), big()] {
                    connection.send(message).unwrap();
                }
            }
            Some(Event::Message(message)) if *message == big() => {
                connection.close(Time::START, 1000)
            }
            Some(_) => {}
        }
    }
    let conversation = Conversation {
        client,
        server: echo,
        limit: 100_000,
    };
    let [first, empty, big] = [text("зима"), text(""), big()].map(Event::Message);
    let closed = Event::Closed(Some(1000));
    let heard = vec![first, empty, big, closed];
    each_driver_hears(
        conversation,
        &Heard {
            client: heard.clone(),
            server: heard,
        },
    );
}

#[test]
fn a_server_that_closes_still_receives_what_was_sent_before_under_each_driver() {
    fn server(event: Option<&Event>, connection: &mut Connection) {
        if let Some(Event::Message(_)) = event {
            connection.close(Time::START, 1001);
        }
    }
    fn client(event: Option<&Event>, connection: &mut Connection) {
        if event.is_none() {
            connection.send(text("one")).unwrap();
            connection.send(text("two")).unwrap();
        }
    }
    let conversation = Conversation {
        client,
        server,
        limit: 10,
    };
    let closed = Event::Closed(Some(1001));
    let heard = ["one", "two"].map(|message| Event::Message(text(message)));
    let server = heard.into_iter().chain([closed.clone()]).collect();
    each_driver_hears(
        conversation,
        &Heard {
            client: vec![closed],
            server,
        },
    );
}

#[test]
fn a_message_above_the_limit_is_refused_under_each_driver() {
    fn client(event: Option<&Event>, connection: &mut Connection) {
        if event.is_none() {
            connection.send(text("eleven byte")).unwrap();
        }
    }
    let conversation = Conversation {
        client,
        server: silent,
        limit: 10,
    };
    let expected = Heard {
        client: vec![Event::Closed(Some(1009))],
        server: vec![Event::Failed(Violation::TooBig)],
    };
    each_driver_hears(conversation, &expected);
}

#[test]
fn two_closes_that_cross_are_one_end_under_each_driver() {
    fn closes(event: Option<&Event>, connection: &mut Connection) {
        if event.is_none() {
            connection.close(Time::START, 1000);
        }
    }
    let conversation = Conversation {
        client: closes,
        server: closes,
        limit: 10,
    };
    let closed = || vec![Event::Closed(Some(1000))];
    each_driver_hears(
        conversation,
        &Heard {
            client: closed(),
            server: closed(),
        },
    );
}
