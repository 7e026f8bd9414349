//! A small site: what `ch16-web` serves.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use blocking::{Limits, ThreadPool};
use composition::timeout;
use debugging::DebugMode;
use event_loop::Handle;
use futures::FutureExt;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{ALLOW, HeaderValue, LOCATION};
use hyper::{Method, Request, Response, StatusCode};
use serde::{Deserialize, Serialize};

use crate::http_connection::{Answer, Answering};
use crate::reply::{Reply, json, status, text};
use crate::routes::{Found, Parameters, Routes};
use crate::static_files::StaticFiles;

/// What a site is made of.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The folder of the static files.
    pub files: PathBuf,
    /// The answer to `/`.
    pub home: String,
    /// How long the body of a request may take.
    pub body: Duration,
    /// The notes, which all workers share.
    pub notes: Notes,
}

/// Notes by number. A clone is the same notes.
#[derive(Debug, Clone, Default)]
pub struct Notes {
    notes: Arc<Mutex<BTreeMap<u64, Note>>>,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What it says.
    pub text: String,
}

/// What `/` answers where no file says something else.
pub const GREETING: &str = "Welcome home!\n";

/// The longest body of a request.
pub const LONGEST_BODY: usize = 1024 * 1024;

/// The longest time for which a task keeps the loop while a dump is asked for.
const DUMP: Duration = Duration::from_secs(1);

/// One worker's site.
pub struct Site {
    handle: Handle,
    routes: Routes<Handler>,
    files: StaticFiles,
    pool: Rc<ThreadPool>,
    setting: Setting,
    answered: RefCell<u64>,
}

type Handler = fn(Rc<Site>, Request<Incoming>, Parameters) -> Answering;

// ANCHOR: routes
fn routes() -> Routes<Handler> {
    let mut routes = Routes::<Handler>::new();
    routes.add("home", Method::GET, "/", |site, request, _| {
        site.home(request).boxed_local()
    });
    routes.add("hello", Method::GET, "/hello/{name}", |site, _, of| {
        site.hello(of).boxed_local()
    });
    routes.add("write", Method::POST, "/notes", |site, request, _| {
        site.write(request).boxed_local()
    });
    routes.add("note", Method::GET, "/notes/{number}", |site, _, of| {
        site.note(of).boxed_local()
    });
    routes.add("files", Method::GET, "/static/{path..}", |site, _, of| {
        site.file(of).boxed_local()
    });
    routes.add("tasks", Method::GET, "/tasks", |site, _, _| {
        site.tasks().boxed_local()
    });
    routes
}
// ANCHOR_END: routes

impl Site {
    /// A site on this loop.
    #[must_use]
    pub fn new(handle: &Handle, setting: Setting) -> Rc<Site> {
        let limits = Limits {
            threads: 4,
            idle: Duration::from_secs(10),
        };
        let pool = Rc::new(ThreadPool::new("files", limits));
        Rc::new(Site {
            handle: handle.clone(),
            routes: routes(),
            files: StaticFiles::new(setting.files.clone(), Rc::clone(&pool)),
            pool,
            setting,
            answered: RefCell::new(0),
        })
    }

    // ANCHOR: handlers
    async fn home(self: Rc<Self>, _request: Request<Incoming>) -> Response<Reply> {
        text(self.setting.home.clone())
    }

    async fn hello(self: Rc<Self>, of: Parameters) -> Response<Reply> {
        text(format!("Hello, {}!\n", of.get("name").unwrap_or_default()))
    }

    /// Takes JSON in, and answers where the note can be found.
    async fn write(self: Rc<Self>, request: Request<Incoming>) -> Response<Reply> {
        let body = Limited::new(request.into_body(), LONGEST_BODY).collect();
        let Ok(body) = timeout(&self.handle, self.setting.body, body).await else {
            return status(StatusCode::REQUEST_TIMEOUT);
        };
        let Ok(body) = body else {
            return status(StatusCode::PAYLOAD_TOO_LARGE);
        };
        let note: Note = match serde_json::from_slice(&body.to_bytes()) {
            Ok(note) => note,
            Err(error) => return refused(error.to_string()),
        };
        let number = self.setting.notes.add(note).to_string();
        let url = self.routes.url("note", &[("number", &number)]);
        created(&url.expect("the route has this parameter"))
    }

    async fn note(self: Rc<Self>, of: Parameters) -> Response<Reply> {
        let number = of.get("number").and_then(|number| number.parse().ok());
        let note = number.and_then(|number| self.setting.notes.get(number));
        let Some(note) = note else {
            return status(StatusCode::NOT_FOUND);
        };
        json(&note).unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
    }
    // ANCHOR_END: handlers

    async fn file(self: Rc<Self>, of: Parameters) -> Response<Reply> {
        self.files.respond(of.get("path").unwrap_or_default()).await
    }

    // ANCHOR: tasks
    /// The tasks of this worker's loop, and what each waits for. Only in debug mode: who can read it learns
    /// how the server works inside.
    async fn tasks(self: Rc<Self>) -> Response<Reply> {
        let Some(debug) = DebugMode::current() else {
            return status(StatusCode::NOT_FOUND);
        };
        debug.request_dump();
        // The loop makes the dump, so this thread must not wait for it.
        let job = self.pool.submit(move || debug.wait_for_dump(DUMP));
        let Ok(job) = job else {
            return status(StatusCode::SERVICE_UNAVAILABLE);
        };
        match job.await {
            Ok(dump) => text(dump.to_string()),
            Err(_) => status(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }
    // ANCHOR_END: tasks

    /// How many requests it has answered.
    pub fn answered(&self) -> u64 {
        *self.answered.borrow()
    }
}

impl Answer for Site {
    // ANCHOR: answer
    fn answer(self: Rc<Self>, request: Request<Incoming>) -> Answering {
        *self.answered.borrow_mut() += 1;
        match self.routes.find(request.method(), request.uri().path()) {
            Found::Route(handler, parameters) => {
                let handler = *handler;
                handler(self, request, parameters)
            }
            Found::OtherMethods(methods) => Box::pin(async move { not_allowed(&methods) }),
            Found::Nothing => Box::pin(async { status(StatusCode::NOT_FOUND) }),
        }
    }
    // ANCHOR_END: answer
}

impl Notes {
    fn add(&self, note: Note) -> u64 {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let number = notes.last_key_value().map_or(1, |(last, _)| last + 1);
        notes.insert(number, note);
        number
    }

    fn get(&self, number: u64) -> Option<Note> {
        let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.get(&number).cloned()
    }
}

fn created(url: &str) -> Response<Reply> {
    let mut response = text(format!("{url}\n"));
    *response.status_mut() = StatusCode::CREATED;
    // A built URL holds percent signs in place of all that a header may not hold.
    if let Ok(location) = HeaderValue::from_str(url) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

fn refused(reason: String) -> Response<Reply> {
    let mut response = text(format!("{reason}\n"));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}

fn not_allowed(methods: &[Method]) -> Response<Reply> {
    let methods: Vec<&str> = methods.iter().map(Method::as_str).collect();
    let mut response = status(StatusCode::METHOD_NOT_ALLOWED);
    if let Ok(allow) = HeaderValue::from_str(&methods.join(", ")) {
        response.headers_mut().insert(ALLOW, allow);
    }
    response
}

impl std::fmt::Debug for Site {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Site")
            .field("setting", &self.setting)
            .finish_non_exhaustive()
    }
}
