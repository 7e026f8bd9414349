//! What a witness says of figures, and of the way in which a stream was given up.

use super::Witness;
use super::wire::lock;

impl Witness {
    /// Ends the run if figures do not say how many bytes have been read and written by now: under this code if they say less, and
    /// without one if they say more. `moment` is a clause for the sentence.
    ///
    /// ```
    /// use probe_io::hostile::{Script, hostile};
    ///
    /// let (_stream, witness) = hostile(&probe::run!(), &Script::default(), b"nothing was read");
    /// witness.judge_figures("the server was made", (0, 0), "bytes-not-counted");
    /// ```
    ///
    /// # Panics
    ///
    /// If they say something else.
    #[track_caller]
    pub fn judge_figures(&self, moment: &str, (bytes_in, bytes_out): (u64, u64), mistake: &str) {
        let (run, read, written) = {
            let wire = lock(&self.wire);
            (wire.run.clone(), wire.read as u64, wire.output.len() as u64)
        };
        if (bytes_in, bytes_out) == (read, written) {
            return;
        }
        let counted = format!("{bytes_in} bytes in, {bytes_out} bytes out");
        run.recorder().says(
            "figures",
            format!("{counted}    expected: {read} bytes in, {written} bytes out"),
        );
        let seen = format!(
            "When {moment}, {counted} were counted. Expected: {read} bytes in, {written} bytes out."
        );
        if bytes_in < read || bytes_out < written {
            run.diagnose(mistake, seen);
        }
        run.departs(seen);
    }

    /// Ends the run under this code if no close has succeeded: for code that returned `Ok` and has sent every byte.
    ///
    /// # Panics
    ///
    /// If none has.
    #[track_caller]
    pub fn judge_close(&self, mistake: &str) {
        let (run, is_closed) = {
            let wire = lock(&self.wire);
            (wire.run.clone(), wire.closed)
        };
        if !is_closed {
            run.diagnose(
                mistake,
                "Every byte was sent, and the stream was dropped without being closed: the peer cannot tell this from a broken connection.",
            );
        }
    }
}
