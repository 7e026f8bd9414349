//! What ties a proof above TLS to the TLS session below it.

use futures_rustls::client::TlsStream;
use futures_rustls::rustls::SupportedCipherSuite;
use futures_rustls::rustls::crypto::ring::cipher_suite::{
    TLS13_AES_128_GCM_SHA256, TLS13_AES_256_GCM_SHA384,
};

/// The hash of the server's certificate, `tls-server-end-point` of RFC 5929. The hash function is that of the
/// certificate's signature. `None` if that is another one than SHA-256 or SHA-384.
#[must_use]
pub fn certificate_hash<S>(stream: &TlsStream<S>) -> Option<Vec<u8>> {
    let (_, session) = stream.get_ref();
    let certificate = session.peer_certificates()?.first()?;
    let suite = match signature_algorithm(certificate)? {
        // RSA, and ECDSA.
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b]
        | [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02] => TLS13_AES_128_GCM_SHA256,
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c]
        | [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03] => TLS13_AES_256_GCM_SHA384,
        _other => return None,
    };
    // rustls has the hash function as a part of the suites that use it.
    let SupportedCipherSuite::Tls13(suite) = suite else {
        return None;
    };
    let hash = suite.common.hash_provider.hash(certificate);
    Some(hash.as_ref().to_vec())
}

/// The object identifier of the algorithm, RFC 5280, 4.1: a certificate is a sequence of what is signed, the
/// algorithm and the signature; an algorithm is a sequence that begins with its identifier.
fn signature_algorithm(certificate: &[u8]) -> Option<&[u8]> {
    let (certificate, _) = value(certificate)?;
    let (_signed, rest) = value(certificate)?;
    let (algorithm, _) = value(rest)?;
    let (identifier, _) = value(algorithm)?;
    Some(identifier)
}

/// The content of the first value in DER, and what follows it.
fn value(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[_tag, first], rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        short @ 0..0x80 => (usize::from(short), rest),
        long => {
            let (number, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            let length = number
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            (length, rest)
        }
    };
    rest.split_at_checked(length)
}
