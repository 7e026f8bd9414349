//! From a stream of bytes to a client: the user, and the proof of the password.

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::rc::Rc;

use fallible_iterator::FallibleIterator;
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use postgres_protocol::authentication::sasl::{
    ChannelBinding, SCRAM_SHA_256, SCRAM_SHA_256_PLUS, ScramSha256,
};
use postgres_protocol::message::backend::{AuthenticationSaslBody, Message};
use postgres_protocol::message::frontend;

use super::cancel::CancelToken;
use super::client::Client;
use super::connection::Connection;
use super::error::{Error, ServerError};
use super::shared::Shared;
use super::wire::Wire;

/// Who connects, and to which database.
#[derive(Clone)]
pub struct Config {
    user: String,
    database: String,
    password: Option<String>,
    certificate_hash: Option<Vec<u8>>,
    parameters: Vec<(String, String)>,
}

impl Config {
    /// A user whose database has the same name, without a password.
    #[must_use]
    pub fn new(user: &str) -> Config {
        Config {
            user: user.to_owned(),
            database: user.to_owned(),
            password: None,
            certificate_hash: None,
            parameters: Vec::new(),
        }
    }

    /// With this database.
    #[must_use]
    pub fn database(mut self, name: &str) -> Config {
        name.clone_into(&mut self.database);
        self
    }

    /// With this password. It is sent only as the proof of SCRAM-SHA-256, from which it cannot be computed.
    #[must_use]
    pub fn password(mut self, password: &str) -> Config {
        self.password = Some(password.to_owned());
        self
    }

    /// With a proof that holds for this server's certificate only: SCRAM-SHA-256-PLUS, `tls-server-end-point` of RFC
    /// 5929. A server in the middle, with a certificate of its own, cannot pass such a proof on. `world::tls` has the
    /// function `certificate_hash` for it.
    #[must_use]
    pub fn certificate_hash(mut self, hash: &[u8]) -> Config {
        self.certificate_hash = Some(hash.to_owned());
        self
    }

    /// With a setting of the session, for instance `application_name`.
    #[must_use]
    pub fn parameter(mut self, name: &str, value: &str) -> Config {
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// Starts a session on this stream. The client does nothing until the connection is spawned.
///
/// # Errors
///
/// If the server refuses the user, or the database; if it asks for a proof other than SCRAM-SHA-256, or does not
/// know the password itself.
///
/// # Cancel safety
///
/// Dropping it closes the stream.
pub async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    config: &Config,
) -> Result<(Client, Connection<S>), Error> {
    let mut wire = Wire::new(stream);
    let own = [
        ("user", config.user.as_str()),
        ("database", &config.database),
        ("client_encoding", "UTF8"),
    ];
    let more = config.parameters.iter();
    let more = more.map(|(name, value)| (name.as_str(), value.as_str()));
    frontend::startup_message(own.into_iter().chain(more), &mut wire.outgoing)?;
    authenticate(&mut wire, config).await?;
    let mut parameters = BTreeMap::new();
    let mut token = CancelToken {
        process: 0,
        secret: 0,
    };
    loop {
        match wire.exchange().await? {
            Message::ParameterStatus(body) => {
                parameters.insert(body.name()?.to_owned(), body.value()?.to_owned());
            }
            Message::BackendKeyData(body) => {
                (token.process, token.secret) = (body.process_id(), body.secret_key());
            }
            Message::ReadyForQuery(_) => break,
            message => refuse(&message)?,
        }
    }
    let shared = Rc::new(Shared::new(parameters));
    let client = Client::new(Rc::clone(&shared), token);
    Ok((client, Connection::new(wire, shared)))
}

// ANCHOR: authenticate
async fn authenticate<S: AsyncRead + AsyncWrite + Unpin>(
    wire: &mut Wire<S>,
    config: &Config,
) -> Result<(), Error> {
    loop {
        match wire.exchange().await? {
            Message::AuthenticationOk => return Ok(()),
            Message::AuthenticationSasl(body) => scram(wire, config, &body).await?,
            Message::AuthenticationCleartextPassword | Message::AuthenticationMd5Password(_) => {
                return Err(denied(
                    "the server asks for the password in a form that can be stolen",
                ));
            }
            message => refuse(&message)?,
        }
    }
}

/// Both sides prove that they know the password, and neither sends it.
async fn scram<S: AsyncRead + AsyncWrite + Unpin>(
    wire: &mut Wire<S>,
    config: &Config,
    offer: &AuthenticationSaslBody,
) -> Result<(), Error> {
    let (name, binding) = match &config.certificate_hash {
        None => (SCRAM_SHA_256, ChannelBinding::unsupported()),
        Some(hash) => {
            let binding = ChannelBinding::tls_server_end_point(hash.clone());
            (SCRAM_SHA_256_PLUS, binding)
        }
    };
    if !offer.mechanisms().any(|offered| Ok(offered == name))? {
        return Err(denied(&format!("the server does not offer {name}")));
    }
    let password = config.password.as_ref();
    let password = password.ok_or_else(|| denied("the server asks for a password"))?;
    let mut scram = ScramSha256::new(password.as_bytes(), binding);
    frontend::sasl_initial_response(name, scram.message(), &mut wire.outgoing)?;
    match wire.exchange().await? {
        Message::AuthenticationSaslContinue(body) => scram.update(body.data())?,
        message => return refuse(&message),
    }
    frontend::sasl_response(scram.message(), &mut wire.outgoing)?;
    match wire.exchange().await? {
        Message::AuthenticationSaslFinal(body) => Ok(scram.finish(body.data())?),
        message => refuse(&message),
    }
}
// ANCHOR_END: authenticate

/// Asks the server whether it speaks TLS on this stream. If so, the next bytes of both sides are a handshake, and the
/// session starts on the encrypted stream.
///
/// # Errors
///
/// If the server does not.
///
/// # Cancel safety
///
/// Dropping it leaves a stream that no session can start on.
pub async fn request_tls<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> Result<(), Error> {
    let mut request = bytes::BytesMut::new();
    frontend::ssl_request(&mut request);
    stream.write_all(&request).await?;
    stream.flush().await?;
    // One byte and no more: what follows it would not be encrypted, and an attacker may have written it.
    let mut answer = [0];
    stream.read_exact(&mut answer).await?;
    match answer {
        [b'S'] => Ok(()),
        _no => Err(denied("the server does not speak TLS")),
    }
}

/// An error, unless the message is one that says nothing here.
fn refuse(message: &Message) -> Result<(), Error> {
    match message {
        Message::ErrorResponse(body) => Err(Error::Server(ServerError::read(body.fields())?)),
        Message::NoticeResponse(_) => Ok(()),
        _other => Err(Error::protocol("an unexpected message at the start")),
    }
}

fn denied(reason: &str) -> Error {
    Error::lost(ErrorKind::PermissionDenied, reason)
}

/// Without the password.
impl fmt::Debug for Config {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Config")
            .field("user", &self.user)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}
