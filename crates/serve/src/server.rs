//! The server: listening, accepting, and the table of addresses.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use armistice::CancelToken;
use armistice::scenario::Limits;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Router, middleware};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::sync::Semaphore;

use crate::answers::Answers;
use crate::error::{Problem, ServeError};
use crate::guard::{Guard, guard};
use crate::jobs::Jobs;
use crate::past::Pasts;
use crate::workspace::Workspace;
use crate::{api, assets};

/// Largest body of a request, in bytes: a case with every parameter of a large scenario, or a patch.
const MAX_BODY: usize = 256 * 1024;
/// Most connections at a time; more wait.
const CONNECTIONS: usize = 512;
/// Longest time that the head of a request may take to arrive.
const HEAD: Duration = Duration::from_secs(20);
/// How often the token that ends the server is looked at.
const LOOK: Duration = Duration::from_millis(30);

/// What is served, and where.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The scenario file.
    pub scenario: PathBuf,
    /// The address to listen on.
    pub bind: IpAddr,
    /// The port; 0 takes a free one.
    pub port: u16,
    /// What limits compilation.
    pub limits: Limits,
    /// Belief grid points per dimension while a slider is moved.
    pub quick_points: usize,
    /// … of the solution that replaces it.
    pub fine_points: usize,
}

impl Settings {
    /// A scenario on a free port of this machine, which nobody else can reach.
    #[must_use]
    pub fn new(scenario: PathBuf) -> Self {
        Self {
            scenario,
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            limits: Limits::default(),
            quick_points: 5,
            fine_points: 17,
        }
    }
}

/// What all requests share.
pub(crate) struct Shared {
    pub guard: Guard,
    pub jobs: Jobs,
    pub workspace: Workspace,
    pub answers: Answers,
    pub pasts: Pasts,
    pub settings: Settings,
}

/// A handle on it.
pub(crate) type App = Arc<Shared>;

/// A server that listens, and has not answered yet.
pub struct Server {
    app: App,
    listener: std::net::TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Reads the scenario and takes the port.
    ///
    /// - errors: [`ServeError`]; a scenario with errors comes back with all of them.
    /// - cost: that of checking the scenario.
    pub fn bind(settings: Settings) -> Result<Self, ServeError> {
        let workspace = Workspace::open(&settings.scenario, settings.limits)?;
        let wanted = SocketAddr::new(settings.bind, settings.port);
        let failed = |source| ServeError::Bind { address: wanted, source };
        let listener = std::net::TcpListener::bind(wanted).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let app = Arc::new(Shared {
            guard: Guard::new(address)?,
            jobs: Jobs::new(),
            workspace,
            answers: Answers::default(),
            pasts: Pasts::default(),
            settings,
        });
        Ok(Self { app, listener, address })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The token that requests must carry.
    #[must_use]
    pub fn token(&self) -> &str {
        self.app.guard.token()
    }

    /// The address to open in a browser, with the token in it.
    #[must_use]
    pub fn url(&self) -> String {
        let mut host = self.address;
        if host.ip().is_unspecified() {
            host.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        format!("http://{host}/?token={}", self.token())
    }

    /// Answers requests until `stop` is canceled; then drops every connection, which stops what is being computed.
    ///
    /// - errors: [`ServeError::Threads`].
    pub fn run(self, stop: &CancelToken) -> Result<(), ServeError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(ServeError::Threads)?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(self.listener)
                .map_err(|source| ServeError::Bind { address: self.address, source })?
        };
        let router = router(self.app);
        runtime.spawn(accept(listener, router));
        runtime.block_on(async {
            while !stop.is_canceled() {
                tokio::time::sleep(LOOK).await;
            }
        });
        runtime.shutdown_background();
        Ok(())
    }
}

async fn accept(listener: tokio::net::TcpListener, router: Router) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // Too many open files, or a client that left: what is open goes on.
            Err(_) => {
                tokio::time::sleep(LOOK).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD)
                .max_buf_size(64 * 1024)
                .serve_connection(TokioIo::new(stream), service);
            // A client that breaks off is no error of ours.
            let _ = connection.await;
            drop(permit);
        });
    }
}

fn router(app: App) -> Router {
    let nowhere = || async { Problem::new(StatusCode::NOT_FOUND, "there is nothing at this address") };
    let wrong_method =
        || async { Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this address takes another method") };
    Router::new()
        .route("/", get(assets::page))
        .route("/assets/{name}", get(assets::asset))
        .route("/api/workspace", get(api::workspace))
        .route("/api/scenario", post(api::scenario))
        .route("/api/solve", post(api::calculus::solve))
        .route("/api/save", post(api::calculus::save))
        .route("/api/load", post(api::calculus::load))
        .route("/api/record", post(api::war::record))
        .route("/api/stage", post(api::war::stage))
        .route("/api/reads", post(api::past::reads))
        .route("/api/past", post(api::past::past))
        .route("/api/month", post(api::past::month))
        .route("/api/forecast", post(api::forecast::forecast))
        .route("/api/report", post(api::report::report))
        .route("/api/claims", post(api::claims::claims))
        .route("/api/turns", post(api::claims::turns))
        .route("/api/levers", post(api::levers::levers))
        .route("/api/theories", post(api::theories::theories))
        .route("/api/certificate", post(api::certificate::certificate))
        .route("/api/catalog", get(api::catalog::list))
        .route("/api/play", post(api::play::play))
        .fallback(nowhere)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(app)
}
