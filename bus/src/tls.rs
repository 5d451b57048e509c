//! The files of TLS that an address names.

use std::io;
use std::path::{Path, PathBuf};

use lapin::tcp::{OwnedIdentity, OwnedTLSConfig};

/// The options of an address that name a file, in the words of the database's address.
pub(crate) const OPTIONS: [&str; 3] = ["ssl-ca", "ssl-cert", "ssl-key"];

/// Files in PEM. They are read for each connection, so that new ones need no restart.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    /// Authorities that are trusted besides those of the machine.
    ca: Option<PathBuf>,
    /// The certificate and the key of this process, if the server wants to know who connects.
    identity: Option<(PathBuf, PathBuf)>,
}

impl TlsFiles {
    /// Reads the options of an address.
    ///
    /// # Errors
    /// Files without TLS, or a certificate without its key. The text names the fix.
    pub(crate) fn of(encrypted: bool, options: &[(String, String)]) -> Result<Self, &'static str> {
        let file = |name: &str| {
            let option = options.iter().find(|(key, value)| key == name && !value.is_empty());
            option.map(|(_, value)| PathBuf::from(value))
        };
        let files = match (file("ssl-ca"), file("ssl-cert"), file("ssl-key")) {
            (ca, Some(cert), Some(key)) => Self { ca, identity: Some((cert, key)) },
            (ca, None, None) => Self { ca, identity: None },
            _ => return Err("ssl-cert and ssl-key belong together"),
        };
        if files != Self::default() && !encrypted {
            return Err("ssl-ca, ssl-cert and ssl-key need amqps://");
        }
        Ok(files)
    }

    /// Trusts this authority, unless another one is named already.
    pub(crate) fn trust(&mut self, authority: &Path) {
        self.ca.get_or_insert_with(|| authority.to_owned());
    }

    /// Reads the files.
    ///
    /// # Errors
    /// One cannot be read; the error names it.
    pub(crate) fn read(&self) -> io::Result<OwnedTLSConfig> {
        let cert_chain = self.ca.as_deref().map(text).transpose()?;
        let identity = match &self.identity {
            Some((cert, key)) => {
                let (pem, key) = (text(cert)?.into_bytes(), text(key)?.into_bytes());
                Some(OwnedIdentity::PKCS8 { pem, key })
            }
            None => None,
        };
        Ok(OwnedTLSConfig { identity, cert_chain })
    }
}

fn text(file: &Path) -> io::Result<String> {
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", file.display()));
    std::fs::read_to_string(file).map_err(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(encrypted: bool, options: &[(&str, &str)]) -> Result<TlsFiles, &'static str> {
        let options = options.iter().map(|(name, file)| ((*name).into(), (*file).into()));
        TlsFiles::of(encrypted, &options.collect::<Vec<_>>())
    }

    #[test]
    fn files_without_tls_and_a_certificate_without_its_key_are_refused() {
        assert!(of(true, &[("ssl-ca", "a"), ("ssl-cert", "b"), ("ssl-key", "c")]).is_ok());
        assert!(of(false, &[("heartbeat", "3")]).is_ok());
        assert!(of(false, &[("ssl-ca", "a")]).is_err_and(|why| why.contains("amqps://")));
        assert!(of(true, &[("ssl-cert", "b")]).is_err_and(|why| why.contains("together")));
        assert!(of(true, &[("ssl-key", "c")]).is_err_and(|why| why.contains("together")));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let files = of(true, &[("ssl-ca", "/nowhere/ca.pem")]).unwrap();
        assert!(files.read().unwrap_err().to_string().contains("/nowhere/ca.pem"));
    }
}
