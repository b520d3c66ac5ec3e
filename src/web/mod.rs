//! The page on 127.0.0.1: a [`Desk`] behind a small HTTP server, and the files of the page.
//!
//! ```text
//! browser ─► guard (host, origin, token) ─► routes ─► desk
//!                                              └► tabs (latest wins)  ─► view (JSON)
//! ```
//!
//! Settings travel as `KEY=VALUE`, as those of `--set`, so a page shows what `bidwright plan --set …` makes. A
//! try answers in lines of JSON as they come: the program's optimum first, then the executable plan, then the
//! frontier. The server holds no settings: every page has its own, and sends with them the plan file as it read it
//! (its [`Base`](base::Base)), so that all its answers are of one plan whatever becomes of the file.

mod asked;
mod base;
mod controls;
mod guard;
mod routes;
mod tabs;
mod tries;
mod units;
mod view;
mod written;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::config::Request;
use crate::error::{Error, Finding, Result};
use crate::pipeline::{Options, Run, desk::Desk};
use base::{Base, InForce};
use guard::Guard;
pub use guard::random as token;
use tabs::Tabs;

/// What a page is served from.
pub struct Shop {
    /// The fitted shop.
    pub desk: Desk,
    /// The plan file as it was read.
    pub request: Request,
    /// `KEY=VALUE` laid over the plan file for every page.
    pub set: Vec<String>,
    /// Options of every plan.
    pub options: Options,
    /// Where sheets are written; `runs/DATE` beside the plan file by default.
    pub out: Option<PathBuf>,
}

/// A server that listens.
pub struct Server {
    app: Arc<App>,
    listener: std::net::TcpListener,
    address: SocketAddr,
}

/// What all requests share.
struct App {
    desk: Desk,
    path: PathBuf,
    /// What lies in the plan file's place.
    in_force: Mutex<InForce>,
    /// What the landscapes were learned by; nothing where they came from a model file.
    learned: Option<String>,
    options: Options,
    out: Option<PathBuf>,
    /// Names this start of the server: a page that meets another one knows that it was restarted.
    start: String,
    guard: Guard,
    tabs: Tabs,
    /// The plans of the bases themselves, which others are compared with.
    saved: Mutex<Vec<(Base, Arc<Run>)>>,
}

impl Server {
    /// Listens on a port of 127.0.0.1; 0 takes a free one. Without a token a random one is made.
    ///
    /// # Errors
    /// `W001` when the port is taken, or may not be had.
    pub fn bind(shop: Shop, port: u16, token: Option<String>) -> Result<Server> {
        let taken = |error: std::io::Error| {
            Finding::error(
                "W001",
                format!("cannot listen on port {port} of this machine: {error}"),
                "name another one with --port, or leave it away for a free one",
            )
        };
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(taken)?;
        listener.set_nonblocking(true).map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        let token = token.map_or_else(guard::random, Ok)?;
        let learned = shop.options.model.is_none().then(|| base::learned_by(&shop.request.file));
        let app = App {
            desk: shop.desk,
            path: shop.request.path,
            in_force: Mutex::new(InForce::new(shop.request.text, shop.set)),
            learned,
            options: shop.options,
            out: shop.out,
            start: guard::random()?,
            guard: Guard::new(address.port(), token),
            tabs: Tabs::default(),
            saved: Mutex::default(),
        };
        Ok(Server { app: Arc::new(app), listener, address })
    }

    /// The address to open, token included.
    pub fn url(&self) -> String {
        format!("http://{}/?token={}", self.address, self.app.guard.token())
    }

    /// Serves until `stop` is told or dropped; tries that are under way are ended.
    ///
    /// # Errors
    /// The system's, when it takes the socket away.
    pub fn run(self, stop: oneshot::Receiver<()>) -> Result<()> {
        let failed = |error: std::io::Error| Error::Internal(format!("the page's server: {error}"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let app = Arc::clone(&self.app);
        let served = runtime.block_on(async {
            let listener = TcpListener::from_std(self.listener).map_err(failed)?;
            let (told, mut heard) = oneshot::channel();
            let ended = async move {
                let _ = stop.await; // told or dropped: both mean the end
                app.tabs.stop_all();
                let _ = told.send(());
            };
            let serving = axum::serve(listener, routes::router(self.app)).with_graceful_shutdown(ended);
            let serving = std::future::IntoFuture::into_future(serving);
            // A browser may keep a connection open for as long as it likes: it has a moment to let go.
            let patience = async {
                let _ = (&mut heard).await;
                tokio::time::sleep(PATIENCE).await;
            };
            tokio::pin!(serving, patience);
            futures_util::future::select(serving, patience).await;
            Ok(())
        });
        runtime.shutdown_background();
        served
    }
}

/// How long open connections keep an ended server.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(300);

impl App {
    fn out(&self, request: &Request) -> PathBuf {
        let date = self.desk.date(request, &self.options);
        self.out.clone().unwrap_or_else(|| request.resolve(&Path::new("runs").join(date.to_string())))
    }
}
