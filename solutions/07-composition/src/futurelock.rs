//! Loading a page over a connection that carries one request at a time.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use composition::{Connection, Winner, select};
use event_loop::Timer;
// YOURS
use state_machines::join;
// YOURS_END

/// How long a query may take before a note is written about it.
pub const SLOW: Duration = Duration::from_secs(1);

/// Runs `query` over this connection and returns its output.
///
/// Both the query and the note need the connection, each for itself. The note waits in the same queue
/// as every other request.
///
/// - The query asks for its turn at once, and owns it from its first poll to its end.
/// - If there is no output one second after the first poll of this, the note asks for its turn at that
///   moment, and `note` is run when it has it. The query goes on meanwhile. This returns when the
///   output is there and the note is written.
/// - If the output is there in the poll in which the second has passed, no note is written.
/// - Each of the two is run at most once, and is never dropped before its end, unless this is.
///
/// # Cancel safety
///
/// Dropping it drops the query and the note, and their turns are handed on.
// ANCHOR: load
pub async fn load<T, Q, N>(timer: &T, connection: &Connection, query: Q, note: N) -> Q::Output
where
    T: Timer,
    Q: Future,
    N: Future<Output = ()>,
{
    let mut answer = pin!(async {
        let _turn = connection.turn().await;
        query.await
    });
    match select(&mut answer, timer.sleep(SLOW)).biased().await {
        Winner::First(output) => output,
        Winner::Second(()) => {
            // YOURS
            let written = async {
                let _turn = connection.turn().await;
                note.await;
            };
            let (output, ()) = join(answer, written).await;
            output
            // STUB: // It is slow. First the note, then the answer.
            // STUB: let turn = connection.turn().await;
            // STUB: note.await;
            // STUB: drop(turn);
            // STUB: answer.await
            // YOURS_END
        }
    }
}
// ANCHOR_END: load
