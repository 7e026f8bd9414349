//! The client against a server in memory: every caller is dropped at every moment. It needs no PostgreSQL.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver, yield_now};
use futures::future::{FutureExt, join_all};
use world::far_server::FarServer;
use world::postgres::{Client, Config, Error, connect};

pub(super) const MILLI: Duration = Duration::from_millis(1);
const CALLERS: usize = 4;

/// Answers `n` to the simple query `n`, an error to `error`, and lets everyone in without a password.
pub(super) fn script() -> impl FnMut(&mut Vec<u8>) -> Vec<u8> {
    let mut started = false;
    move |requests| {
        let mut answers = Vec::new();
        loop {
            // The first message has no letter.
            let letters = usize::from(started);
            let Some(length) = requests.get(letters..letters + 4) else {
                return answers;
            };
            let length = u32::from_be_bytes(length.try_into().unwrap()) as usize + letters;
            if requests.len() < length {
                return answers;
            }
            let message: Vec<u8> = requests.drain(..length).collect();
            if !started {
                started = true;
                answers.extend(framed(b'R', &[0, 0, 0, 0]));
            } else if message[0] != b'Q' {
                continue;
            } else if message[5..] == *b"error\0" {
                answers.extend(framed(b'E', b"VERROR\0C42000\0Mno\0\0"));
            } else {
                let text = &message[5..message.len() - 1];
                let length = u32::try_from(text.len()).unwrap().to_be_bytes();
                let row = [&[0, 1][..], &length, text].concat();
                answers.extend(framed(b'D', &row));
                answers.extend(framed(b'C', b"SELECT 1\0"));
            }
            answers.extend(framed(b'Z', b"I"));
        }
    }
}

fn framed(letter: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [&[letter][..], &length, body].concat()
}

fn with_script<T>(test: impl AsyncFnOnce(Client, Handle) -> T) -> T {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let server = FarServer::new(&handle, MILLI, script());
    event_loop.block_on(async {
        let (client, connection) = connect(server, &Config::new("anyone")).await.unwrap();
        let connection = handle.spawn(connection);
        let output = test(client, handle).await;
        assert_eq!(connection.await.unwrap(), Ok(()));
        output
    })
}

pub(super) async fn ask(client: &Client, number: usize) -> Result<usize, Error> {
    let outcomes = client.simple(&number.to_string()).await?;
    outcomes[0].rows[0].parse(0)
}

type Call<'a> = Pin<Box<dyn Future<Output = (usize, Result<usize, Error>)> + 'a>>;

/// Moments of a call: before its first poll, after it, after the connection has sent it, after its answer has come.
#[derive(Clone, Copy)]
enum Moment {
    BeforeItsPoll,
    BeforeItIsSent,
    BeforeItsAnswer,
    AfterItsAnswer,
}

const MOMENTS: [Moment; 4] = [
    Moment::BeforeItsPoll,
    Moment::BeforeItIsSent,
    Moment::BeforeItsAnswer,
    Moment::AfterItsAnswer,
];

#[test]
fn whichever_callers_are_dropped_and_when_the_others_get_their_own_answers() {
    for dropped in 0_u32..1 << CALLERS {
        for moment in MOMENTS {
            with_script(async |client, handle| {
                let mut calls: Vec<Call<'_>> = (0..CALLERS)
                    .map(|number| {
                        Box::pin(ask(&client, number).map(move |answer| (number, answer))) as _
                    })
                    .collect();
                if !matches!(moment, Moment::BeforeItsPoll) {
                    for call in &mut calls {
                        assert!(call.as_mut().now_or_never().is_none());
                    }
                }
                match moment {
                    Moment::BeforeItsPoll | Moment::BeforeItIsSent => {}
                    Moment::BeforeItsAnswer => yield_now().await,
                    Moment::AfterItsAnswer => handle.sleep(2 * MILLI).await,
                }
                let mut number = 0;
                calls.retain(|_call| {
                    number += 1;
                    dropped & (1 << (number - 1)) == 0
                });
                for (number, answer) in join_all(calls).await {
                    assert_eq!(answer, Ok(number), "{dropped:04b}");
                }
                assert_eq!(ask(&client, 9).await, Ok(9), "{dropped:04b}");
                assert_eq!(client.in_flight(), 0);
            });
        }
    }
}

#[test]
fn an_error_of_a_caller_that_is_gone_is_no_other_callers() {
    with_script(async |client, _handle| {
        let mut gone = Box::pin(client.simple("error"));
        assert!(gone.as_mut().now_or_never().is_none());
        yield_now().await;
        drop(gone);
        assert_eq!(ask(&client, 1).await, Ok(1));
        assert!(matches!(
            client.simple("error").await,
            Err(Error::Server(_))
        ));
        assert_eq!(ask(&client, 2).await, Ok(2));
    });
}

#[test]
fn a_call_is_polled_by_the_task_that_holds_it_now() {
    with_script(async |client, handle| {
        let mut call = Box::pin(ask(&client, 7));
        assert!(call.as_mut().now_or_never().is_none());
        handle.sleep(2 * MILLI).await;
        assert_eq!(call.await, Ok(7));
    });
}
