//! The packages of programs that are missing.

use testkit::process::find;

/// The packages of the programs that are missing, each once; `programs` are pairs of a program and its
/// package.
pub fn packages_of(programs: &[(&str, &'static str)]) -> Vec<&'static str> {
    let missing = programs.iter().filter(|(program, _)| find(program).is_none());
    let mut packages: Vec<_> = missing.map(|(_, package)| *package).collect();
    packages.dedup();
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_named_once_however_many_of_its_programs_are_missing() {
        let programs = [("sh", "dash"), ("no-such-a", "both"), ("no-such-b", "both")];
        assert_eq!(packages_of(&programs), ["both"]);
    }
}
