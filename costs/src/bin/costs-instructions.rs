//! Runs the rounds of a stage under `valgrind --tool=callgrind
//! --toggle-collect=*counted_by_callgrind*`, which counts the instructions of that function and of all
//! that it calls:
//!
//! `costs-instructions STAGE ROUNDS`, or without arguments a list of the stages.
#![expect(clippy::print_stdout, reason = "a command talks on its standard output")]

use costs::{STAGES, WHOLE};

/// Rounds that warm up.
const WARM_UP: usize = 10;

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [stage, rounds] = arguments.as_slice() else {
        STAGES.iter().chain(&WHOLE).for_each(|stage| println!("{}", stage.name));
        return Ok(());
    };
    let named = STAGES.iter().chain(&WHOLE).find(|known| known.name == *stage);
    let stage = named.ok_or_else(|| format!("there is no stage {stage:?}"))?;
    let rounds: usize = rounds.parse().map_err(|error| format!("{rounds:?}: {error}"))?;
    let mut round = (stage.start)();
    for _ in 0..WARM_UP {
        round(&mut |work| work());
    }
    for _ in 0..rounds {
        round(&mut counted_by_callgrind);
    }
    Ok(())
}

/// callgrind knows it by its name, so it must stay a function.
#[inline(never)]
fn counted_by_callgrind(work: &mut dyn FnMut()) {
    work();
    std::hint::black_box(()); // so that the call above is no jump
}
