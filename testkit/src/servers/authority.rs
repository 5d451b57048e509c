//! Certificates for tests: an authority and what it has signed, made with OpenSSL.

use std::path::Path;
use std::process::Command;

use super::shared::Error;

/// Makes an authority, a certificate of it for this machine's loopback address, and the key of that:
/// `NAME.ca.pem`, `NAME.pem` and `NAME.key`. Each call makes another one.
pub fn certify(dir: &Path, name: &str) -> Result<(), Error> {
    let new = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    let authority = format!("{new} -subj /CN={name} -keyout {name}.ca.key -out {name}.ca.pem");
    let certificate = format!(
        "{new} -subj /CN=one -addext subjectAltName=IP:127.0.0.1 \
         -addext basicConstraints=critical,CA:false \
         -CA {name}.ca.pem -CAkey {name}.ca.key -keyout {name}.key -out {name}.pem"
    );
    for command in [authority, certificate] {
        let output = Command::new("sh").current_dir(dir).args(["-c", &command]).output()?;
        if !output.status.success() {
            return Err(Error::Refused(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
    }
    Ok(())
}
