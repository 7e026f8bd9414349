//! Why a handshake failed, in words.

use std::fmt;
use std::io::{self, ErrorKind};

use futures_rustls::rustls::{AlertDescription, CertificateError, Error};

/// Why there is no encrypted connection.
#[derive(Debug)]
pub enum Failure {
    /// The server's certificate is for these names, and the client wanted another.
    WrongName {
        /// The names of the certificate.
        presented: Vec<String>,
    },
    /// The certificate has expired.
    Expired,
    /// The time of the certificate has not begun, or this machine's clock is wrong.
    NotYetValid,
    /// No authority that the client trusts has signed the certificate.
    UnknownIssuer,
    /// The other end ended the handshake, for this reason.
    Refused(AlertDescription),
    /// The other end does not speak TLS: its first bytes are something else.
    NotTls,
    /// The connection ended in the middle of the handshake.
    Cut,
    /// The client did not finish the handshake in time.
    TooSlow,
    /// The client's own name for the server is no name.
    NoName,
    /// Another rule of TLS was broken.
    Tls(Error),
    /// The stream failed.
    Io(io::Error),
}

// ANCHOR: from
impl From<io::Error> for Failure {
    /// futures-rustls passes an error of rustls inside of one of the stream.
    fn from(error: io::Error) -> Failure {
        let kind = error.kind();
        let inner = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<Error>());
        match inner.cloned() {
            Some(Error::InvalidCertificate(certificate)) => Failure::of(certificate),
            Some(Error::AlertReceived(alert)) => Failure::Refused(alert),
            Some(Error::InvalidMessage(_)) => Failure::NotTls,
            Some(other) => Failure::Tls(other),
            None if kind == ErrorKind::UnexpectedEof => Failure::Cut,
            None => Failure::Io(error),
        }
    }
}
// ANCHOR_END: from

impl Failure {
    fn of(certificate: CertificateError) -> Failure {
        // rustls shows a name as `DnsName("example.org")`.
        let bare = |name: &String| name.split('"').nth(1).unwrap_or(name).to_owned();
        match certificate {
            CertificateError::NotValidForNameContext { presented, .. } => Failure::WrongName {
                presented: presented.iter().map(bare).collect(),
            },
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Failure::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                Failure::NotYetValid
            }
            CertificateError::UnknownIssuer => Failure::UnknownIssuer,
            other => Failure::Tls(Error::InvalidCertificate(other)),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::WrongName { presented } => {
                write!(
                    out,
                    "the certificate is for another server: {}",
                    presented.join(", ")
                )
            }
            Failure::Expired => out.write_str("the certificate has expired"),
            Failure::NotYetValid => out.write_str("the certificate is not valid yet"),
            Failure::UnknownIssuer => {
                out.write_str("no authority that this end trusts has signed the certificate")
            }
            Failure::Refused(alert) => {
                write!(out, "the other end refused the handshake: {alert:?}")
            }
            Failure::NotTls => out.write_str("the other end does not speak TLS"),
            Failure::Cut => out.write_str("the connection ended in the middle of the handshake"),
            Failure::TooSlow => out.write_str("the client did not finish the handshake in time"),
            Failure::NoName => out.write_str("the name of the server is no name and no address"),
            Failure::Tls(error) => write!(out, "{error}"),
            Failure::Io(error) => write!(out, "{error}"),
        }
    }
}

impl std::error::Error for Failure {}
