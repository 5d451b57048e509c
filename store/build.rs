//! A migration that is added must make this crate build again: it embeds them.
fn main() {
    println!("cargo:rerun-if-changed=../schemas/migrations");
}
