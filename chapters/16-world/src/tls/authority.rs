//! Certificates that are made on the spot.

use futures_rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use futures_rustls::rustls::RootCertStore;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

/// Whether the certificate can be used today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// From 1975 to 4096, rcgen's defaults.
    Valid,
    /// It ended with the year 2020.
    Expired,
    /// It begins with the year 4000.
    NotYet,
}

/// An authority that signs certificates. Its key is in memory and nowhere else.
#[derive(Debug)]
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate and its key.
#[derive(Debug)]
pub struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

// ANCHOR: authority
impl Authority {
    /// An authority of this name, with a key of its own.
    ///
    /// # Panics
    ///
    /// If the system gives no random numbers.
    #[must_use]
    pub fn new(name: &str) -> Authority {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name = named(name);
        let key = KeyPair::generate().expect("there are random numbers");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("the parameters are right");
        Authority { issuer }
    }

    /// A certificate for a server of this name or address.
    ///
    /// # Panics
    ///
    /// If no certificate can hold the name.
    #[must_use]
    pub fn issue(&self, name: &str, validity: Validity) -> Identity {
        self.issue_for(&[name], validity)
    }

    /// A certificate for a server that has several names or addresses. The first one stands for all of them.
    ///
    /// # Panics
    ///
    /// If there is none, or no certificate can hold one of them.
    #[must_use]
    pub fn issue_for(&self, names: &[&str], validity: Validity) -> Identity {
        let all: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let params = CertificateParams::new(all);
        let mut params = params.expect("a certificate can hold the names");
        params.distinguished_name = named(names[0]);
        match validity {
            Validity::Valid => {}
            Validity::Expired => params.not_after = date_time_ymd(2020, 12, 31),
            Validity::NotYet => params.not_before = date_time_ymd(4000, 1, 1),
        }
        let key = KeyPair::generate().expect("there are random numbers");
        let signed = params.signed_by(&key, &self.issuer);
        let certificate = signed.expect("the parameters are right").der().clone();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        Identity { certificate, key }
    }

    /// The store of a client that trusts this authority, and no other.
    ///
    /// # Panics
    ///
    /// Never: the authority's own certificate can be read.
    #[must_use]
    pub fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        let added = roots.add(self.issuer.der().clone());
        added.expect("the certificate can be read");
        roots
    }

    /// The authority's certificate as a file that other programs read: `curl --cacert`.
    #[must_use]
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }
}
// ANCHOR_END: authority

impl Identity {
    pub(super) fn chain(&self) -> Vec<CertificateDer<'static>> {
        vec![self.certificate.clone()]
    }

    pub(super) fn key(&self) -> PrivateKeyDer<'static> {
        self.key.clone_key()
    }
}

fn named(name: &str) -> DistinguishedName {
    let mut named = DistinguishedName::new();
    named.push(DnType::CommonName, name);
    named
}
