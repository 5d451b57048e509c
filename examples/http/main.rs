//! The Rust that `/docs/http` shows, compiled as it is shown there. It sends the requests of the operations
//! that are named: `cargo run --example http -- requestMissions listMissions`
#![expect(clippy::print_stdout, reason = "the answers")]

include!("shown.rs");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A reqwest with its default features has a TLS of its own; that of this workspace is given one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    for name in std::env::args().skip(1) {
        let found = SHOWN.iter().find(|(operation, _)| *operation == name);
        let (_, request) = found.ok_or_else(|| format!("there is no operation {name}"))?;
        request()?;
    }
    Ok(())
}
