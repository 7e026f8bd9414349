//! The resolver that needs no thread, against dnsmasq, a name server that is not ours.

use std::io::{BufRead, BufReader};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};

use blocking::dns::{DnsError, DnsResolver, Options};
use event_loop::EventLoop;
use reactor::Reactor;

/// A dnsmasq that knows a few names, and no other server. Dropping it ends the process.
struct Dnsmasq {
    process: Child,
    address: SocketAddr,
}

impl Dnsmasq {
    /// `None`, and a sentence, if it is not installed.
    fn start() -> Option<Dnsmasq> {
        // Its port has to be named, so a free one is looked for. Another process may take it in between: next one.
        for _ in 0..20 {
            let address = free_address();
            let started = Command::new("dnsmasq")
                .args([
                    "--keep-in-foreground",
                    "--log-facility=-",
                    "--conf-file=/dev/null",
                ])
                .args([
                    "--pid-file=",
                    "--no-resolv",
                    "--no-hosts",
                    "--bind-interfaces",
                ])
                .args([
                    "--listen-address=127.0.0.1",
                    "--local=/test/",
                    "--local-ttl=60",
                ])
                .arg(format!("--port={}", address.port()))
                .args(["--host-record=both.test,192.0.2.1,2001:db8::1"])
                .args(["--host-record=four.test,192.0.2.2"])
                .args([
                    "--cname=alias.test,four.test",
                    "--cname=far.test,alias.test",
                ])
                .args((1..=200).map(|n| format!("--host-record=many.test,192.0.2.{n}")))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn();
            let Ok(mut process) = started else {
                eprintln!("skipped: dnsmasq is not installed");
                return None;
            };
            let said = BufReader::new(process.stderr.take().expect("it is piped"));
            let ready = (said.lines().map_while(Result::ok)).any(|line| line.contains("started"));
            if ready {
                return Some(Dnsmasq { process, address });
            }
            let _ = process.kill();
            let _ = process.wait();
        }
        panic!("dnsmasq found no free port in twenty tries, or does not start here");
    }

    fn resolve(&self, names: &[&str]) -> Vec<Result<Vec<IpAddr>, DnsError>> {
        let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
        let reactor = event_loop.driver().handle();
        let options = Options::new(vec![self.address]);
        let resolver = DnsResolver::new(&reactor, event_loop.handle(), options);
        event_loop.block_on(async {
            let mut answers = Vec::new();
            for name in names {
                let mut answer = resolver.resolve(name).await;
                if let Ok(addresses) = &mut answer {
                    addresses.sort();
                }
                answers.push(answer);
            }
            answers
        })
    }
}

impl Drop for Dnsmasq {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_address() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap()
}

fn addresses(text: &str) -> Vec<IpAddr> {
    text.split(' ').map(|one| one.parse().unwrap()).collect()
}

#[test]
fn a_real_server_answers_with_both_kinds_with_aliases_and_with_none() {
    let Some(server) = Dnsmasq::start() else {
        return;
    };
    let names = ["both.test", "four.test", "far.test", "missing.test"];
    let answers = server.resolve(&names);
    let mut answers = answers.into_iter();
    let mut next = || answers.next().unwrap();
    assert_eq!(next().unwrap(), addresses("192.0.2.1 2001:db8::1"));
    assert_eq!(next().unwrap(), addresses("192.0.2.2"));
    assert_eq!(
        next().unwrap(),
        addresses("192.0.2.2"),
        "an alias of an alias"
    );
    assert!(
        matches!(next(), Err(DnsError::NoSuchName(_))),
        "it does not exist"
    );
}

#[test]
fn a_real_answer_that_no_packet_holds_is_asked_for_over_tcp() {
    let Some(server) = Dnsmasq::start() else {
        return;
    };
    let answer = server.resolve(&["many.test"]).remove(0).unwrap();
    assert_eq!(answer.len(), 200);
}
