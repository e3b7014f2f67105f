//! Whom this machine believes, and whom everybody does.
//!
//! A proxy or virus scanner that looks into secure connections shows certificates of its own, and the machine has been
//! told to believe them. So: what the machine believes and the public does not is inspection. The machine's word is
//! the system's own verdict, the public's that of the roots Mozilla publishes, over the very certificates that were
//! shown. An untrusted certificate is noted, and the connection goes on: it carries nothing but the question for `/`.

use super::issuer;
use crate::probes::line;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use rustls_platform_verifier::Verifier;
use std::sync::{Arc, OnceLock};

/// The two opinions.
#[derive(Debug)]
pub(super) struct Trust {
    provider: Arc<CryptoProvider>,
    /// What this machine believes.
    system: Arc<dyn ServerCertVerifier>,
    /// What everybody believes.
    public: Arc<dyn ServerCertVerifier>,
}

impl Trust {
    /// This machine's own, and Mozilla's.
    pub(super) fn of_this_machine() -> Result<Arc<Self>, String> {
        let provider = Arc::new(ring::default_provider());
        let system = Verifier::new(Arc::clone(&provider)).map_err(|error| {
            format!("cannot be asked: this computer's certificates cannot be read ({error})")
        })?;
        let public = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        Self::of(provider, Arc::new(system), public)
    }

    fn of(
        provider: Arc<CryptoProvider>,
        system: Arc<dyn ServerCertVerifier>,
        public: RootCertStore,
    ) -> Result<Arc<Self>, String> {
        let public = WebPkiServerVerifier::builder_with_provider(Arc::new(public), Arc::clone(&provider))
            .build()
            .map_err(|error| format!("cannot be asked: {error}"))?;
        Ok(Arc::new(Self {
            provider,
            system,
            public,
        }))
    }

    /// Made up of roots.
    #[cfg(test)]
    pub(super) fn of_roots(system: RootCertStore, public: RootCertStore) -> Arc<Self> {
        let provider = Arc::new(ring::default_provider());
        let system = WebPkiServerVerifier::builder_with_provider(Arc::new(system), Arc::clone(&provider))
            .build()
            .unwrap();
        Self::of(provider, system, public).unwrap()
    }
}

/// What one server showed.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    leaf: CertificateDer<'static>,
    others: Vec<CertificateDer<'static>>,
    when: UnixTime,
    /// The machine's verdict; why not, in words that read after the host's name.
    pub(super) trusted: Result<(), String>,
}

impl Seen {
    /// Who signed the last certificate that was shown.
    pub(super) fn issuer(&self) -> Option<String> {
        issuer::of(self.others.last().unwrap_or(&self.leaf))
    }

    /// Whether somebody looks into the connection. Not known where the machine does not believe the certificates
    /// either, or the public doubts them for another reason than their origin.
    pub(super) fn inspected(&self, trust: &Trust, server: &ServerName<'_>) -> Option<bool> {
        let public = trust
            .public
            .verify_server_cert(&self.leaf, &self.others, server, &[], self.when);
        match (&self.trusted, public) {
            (_, Ok(_)) => Some(false),
            (Ok(()), Err(Error::InvalidCertificate(CertificateError::UnknownIssuer))) => Some(true),
            _ => None,
        }
    }
}

/// Lets every certificate pass, and remembers it with the machine's verdict.
#[derive(Debug)]
pub(super) struct Watching {
    trust: Arc<Trust>,
    seen: Arc<OnceLock<Seen>>,
}

impl Watching {
    pub(super) fn of(trust: &Arc<Trust>) -> Self {
        Self {
            trust: Arc::clone(trust),
            seen: Arc::default(),
        }
    }

    /// What was shown, if anything was.
    pub(super) fn seen(&self) -> Option<Seen> {
        self.seen.get().cloned()
    }

    /// For one connection.
    pub(super) fn config(&self) -> Result<Arc<ClientConfig>, String> {
        let watching = Self {
            trust: Arc::clone(&self.trust),
            seen: Arc::clone(&self.seen),
        };
        let config = ClientConfig::builder_with_provider(Arc::clone(&self.trust.provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("cannot be asked: {error}"))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(watching))
            .with_no_client_auth();
        Ok(Arc::new(config))
    }
}

impl ServerCertVerifier for Watching {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        server: &ServerName<'_>,
        stapled: &[u8],
        when: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self
            .trust
            .system
            .verify_server_cert(leaf, others, server, stapled, when);
        let seen = Seen {
            leaf: leaf.clone().into_owned(),
            others: others.iter().map(|one| one.clone().into_owned()).collect(),
            when,
            trusted: verdict.map(drop).map_err(|error| words(&error)),
        };
        // A connection shows its certificates once.
        let _ = self.seen.set(seen);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.trust.public.verify_tls12_signature(message, leaf, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.trust.public.verify_tls13_signature(message, leaf, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust.public.supported_verify_schemes()
    }
}

/// Why a certificate is not believed.
fn words(error: &Error) -> String {
    use CertificateError as Why;
    let Error::InvalidCertificate(why) = error else {
        return line(&format!("shows a certificate that is not accepted ({error})"));
    };
    match why {
        Why::Expired | Why::ExpiredContext { .. } => {
            "shows a certificate that has expired by this computer's clock".to_owned()
        }
        Why::NotValidYet | Why::NotValidYetContext { .. } => {
            "shows a certificate that is not valid yet by this computer's clock".to_owned()
        }
        Why::UnknownIssuer => "shows a certificate signed by nobody this computer trusts".to_owned(),
        Why::NotValidForName | Why::NotValidForNameContext { .. } => {
            "shows a certificate of another host".to_owned()
        }
        Why::Revoked => "shows a certificate that was withdrawn".to_owned(),
        _ => line(&format!("shows a certificate that is not accepted ({error})")),
    }
}
