//! The run that is kept beside a mistake.

use crate::{course, verify};

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_run_that_is_kept_beside_a_mistake_is_held_against_its_check() {
    const KEPT: &str = "solutions/01-first/mistakes/double/forgot-to-double.run";
    let sample = course();
    sample.write(KEPT, " 1  double  2 becomes 3\n");
    let complaint = format!("{KEPT} is not the run that its check sees");
    let before = verify(&sample, &[]);
    assert!(before.stdout.contains(&complaint), "{}", before.stdout);
    assert!(
        verify(&sample, &["--write"])
            .stdout
            .contains(&format!("{KEPT}: written"))
    );
    assert_eq!(sample.read(KEPT), " 1  double  2 becomes 2   ◂── here\n");
}
