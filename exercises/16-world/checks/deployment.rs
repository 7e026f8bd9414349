//! deployment: what becomes of a connection when its server is replaced.

use probe::{run, snapshot};

#[path = "deployment/connections.rs"]
mod connections;
#[path = "deployment/runs.rs"]
mod runs;

use connections::{Connection, DONE};
use runs::compared;

#[test]
fn a_connection_carries_one_request_after_the_other() {
    let run = run!("kept");
    let mut connection = Connection::new(&run);
    for path in ["/one", "/two", "/three"] {
        connection.requests(path);
        connection.passes(1);
        connection.answer_is_ready();
        connection.passes(1);
    }
    if connection.answers() < 3 {
        run.diagnose(
            "keep-alive-given-up",
            format!(
                "A client sent three requests on one connection, each after the answer to the one before, and received {} answers. No one told \
                 the server to finish.",
                connection.answers()
            ),
        );
    }
    connection.is_open();
    snapshot!(run);
}

#[test]
fn a_request_that_is_being_answered_is_answered_and_then_the_connection_ends() {
    let run = run!("in_flight");
    let mut connection = Connection::new(&run);
    connection.requests("/pay");
    connection.passes(1);
    connection.closing();
    connection.passes(3_600_000);
    if connection.answer_was_dropped() {
        run.diagnose(
            "request-cut-off",
            "The request /pay had arrived, and its answer was being made. The server was told to finish, and your code dropped the answer and \
             the connection. The client does not know whether it has paid.",
        );
    }
    connection.answer_is_ready();
    connection.passes(1);
    connection.has(
        1,
        "The request /pay had arrived before the server was told to finish.",
    );
    connection.has_ended(
        "drain-waits-for-the-idle",
        "The last answer was sent, the server is to finish, and the connection is still open.",
    );
    snapshot!(run);
}

#[test]
fn an_answer_that_a_slow_client_reads_arrives_whole() {
    let run = run!();
    let mut connection = Connection::new(&run);
    connection.reads_slowly();
    connection.requests("/pay");
    connection.passes(1);
    connection.answer_is_ready();
    connection.passes(2);
    connection.closing();
    connection.passes(1_000);
    if connection.heard().ends_with(DONE) {
        connection.has_ended(
            "drain-waits-for-the-idle",
            "The answer was sent, the server is to finish, and the connection is still open.",
        );
        return;
    }
    run.diagnose(
        "request-cut-off",
        format!(
            "The client reads 10 bytes a millisecond. The server was told to finish in the middle of an answer, and the client received {:?}.",
            connection.heard()
        ),
    );
}

#[test]
fn an_idle_connection_is_closed_at_once() {
    let run = run!("idle");
    let mut connection = Connection::new(&run);
    connection.requests("/one");
    connection.passes(1);
    connection.answer_is_ready();
    connection.passes(10);
    connection.closing();
    connection.has_ended(
        "drain-waits-for-the-idle",
        "The client has its answer and asks for nothing. The server is to finish, and your code waits for the client, for up to 30 s.",
    );
    snapshot!(run);
}

#[test]
fn a_connection_on_which_nothing_was_sent_is_closed_at_once() {
    let run = run!();
    let mut connection = Connection::new(&run);
    connection.passes(10);
    connection.closing();
    connection.has_ended(
        "drain-waits-for-the-idle",
        "The client has sent nothing. The server is to finish, and your code waits for the client, for up to 30 s.",
    );
}

#[test]
fn a_request_that_has_arrived_is_read_before_the_connection_is_closed() {
    let run = run!("arrived");
    let mut connection = Connection::late(&run);
    connection.requests("/pay");
    connection.arrives();
    connection.closing();
    connection.first_poll();
    connection.answer_is_ready();
    connection.passes(1);
    if connection.answers() == 0 {
        run.diagnose(
            "arrived-and-not-read",
            "The server had accepted the connection, the request had arrived, and then the server was told to finish. Your code closed the \
             connection without reading the request.",
        );
    }
    connection.has_ended(
        "drain-waits-for-the-idle",
        "The answer was sent, the server is to finish, and the connection is still open.",
    );
    snapshot!(run);
}

#[test]
fn no_request_is_read_after_the_last_answer() {
    let run = run!();
    let mut connection = Connection::new(&run);
    connection.requests("/one");
    connection.passes(1);
    connection.closing();
    connection.answer_is_ready();
    connection.passes(1);
    connection.requests("/two");
    connection.passes(1);
    connection.answer_is_ready();
    connection.passes(1);
    if connection.answers() != 1 {
        run.departs(format!(
            "One request was in flight when the server was told to finish, and the client received {} answers.",
            connection.answers()
        ));
    }
    connection.has_ended(
        "drain-waits-for-the-idle",
        "The last answer was sent, the server is to finish, and the connection is still open.",
    );
}

#[test]
fn a_client_that_ends_the_connection_ends_it() {
    let run = run!();
    let mut connection = Connection::new(&run);
    connection.requests("/one");
    connection.passes(1);
    connection.answer_is_ready();
    connection.passes(1);
    connection.client_ends();
    connection.passes(1);
    connection.is_over("The client has ended the connection, and it is still open.");
}

#[test]
fn a_silent_client_is_cut_off_after_half_a_minute() {
    let run = run!();
    let mut connection = Connection::new(&run);
    connection.passes(29_999);
    connection.is_open();
    connection.passes(2);
    connection.is_over("The client was silent for 30 s, and its connection is still open.");
}

#[test]
fn every_short_run_is_as_expected() {
    compared(&run!());
}
