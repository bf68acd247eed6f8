//! A service on the loopback interface. In: what it answers to each request, in order. Out: what it was asked.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a request meets.
#[derive(Clone)]
pub(crate) enum Reply {
    /// A status and a body.
    Answer(u16, Vec<u8>),
    /// A redirect to this address.
    Redirect(String),
    /// The connection is closed without an answer.
    Close,
    /// No answer, for some seconds.
    Silence,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) line: String,
    /// By lower-case name.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

/// A service that runs until the test ends.
pub(crate) struct Service {
    pub(crate) address: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Service {
    /// A service that answers each request as `reply` says; what `reply` asserts fails the test by the missing answer.
    pub(crate) fn new(mut reply: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let Some(request) = read(&stream) else { continue };
                seen.lock().unwrap().push(request.clone());
                answer(stream, reply(&request));
            }
        });
        Self { address, requests }
    }

    /// A service that gives these replies, and the last one again and again.
    pub(crate) fn scripted(replies: &[Reply]) -> Self {
        let replies = replies.to_vec();
        let mut next = 0;
        Self::new(move |_| {
            let reply = replies[next.min(replies.len() - 1)].clone();
            next += 1;
            reply
        })
    }

    /// How `--endpoint` names it.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it was asked so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|&length| length > 0)?;
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { line: line.trim_end().to_owned(), headers, body: String::from_utf8(body).unwrap() })
}

fn answer(mut stream: TcpStream, reply: Reply) {
    let head = |status: u16, more: &str, length: usize| {
        format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {length}\r\n{more}\r\n")
    };
    // The client may have left.
    let _ = match reply {
        Reply::Answer(status, body) => {
            stream.write_all(head(status, "", body.len()).as_bytes()).and_then(|()| stream.write_all(&body))
        }
        Reply::Redirect(to) => stream.write_all(head(302, &format!("Location: {to}\r\n"), 0).as_bytes()),
        Reply::Close => Ok(()),
        Reply::Silence => {
            // In a thread of its own, so that the next attempt is heard.
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_secs(10));
                drop(stream);
            });
            Ok(())
        }
    };
}
