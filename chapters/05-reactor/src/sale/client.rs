//! A client of the sale, for the chapter's programs: it says what it hears.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::sale::message;

/// A client that blocks, and prints what it says and hears.
#[derive(Debug)]
pub struct Client {
    name: &'static str,
    stream: TcpStream,
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    ///
    /// If no server listens at this address.
    pub fn connect(name: &'static str, address: SocketAddr) -> io::Result<Client> {
        let stream = TcpStream::connect(address)?;
        println!("{name}: is connected");
        Ok(Client { name, stream })
    }

    /// Sends a message.
    ///
    /// # Errors
    ///
    /// The stream's.
    pub fn says(&mut self, text: &str) -> io::Result<()> {
        println!("{}: says {text:?}", self.name);
        self.stream.write_all(&message(text))
    }

    /// Waits for a message.
    ///
    /// # Errors
    ///
    /// The stream's.
    pub fn hears(&mut self) -> io::Result<()> {
        let mut length = [0];
        self.stream.read_exact(&mut length)?;
        let mut text = vec![0; usize::from(length[0])];
        self.stream.read_exact(&mut text)?;
        println!("{}: hears {:?}", self.name, String::from_utf8_lossy(&text));
        Ok(())
    }

    /// Prints whether a message has arrived, without waiting.
    ///
    /// # Errors
    ///
    /// The stream's.
    pub fn looks_whether_it_hears(&mut self) -> io::Result<()> {
        self.stream.set_nonblocking(true)?;
        let looked = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false)?;
        match looked {
            Ok(_) => println!("{}: could hear something", self.name),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                println!("{}: hears nothing, and would have to wait", self.name);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
