//! The background: posts deliveries one after the other and logs how each ended.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, Request, header};
use http_body_util::{BodyExt as _, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::book::{Parcel, flush};
use super::{DeliveryRecord, Job, Target};
use crate::halo::clock::vendor_date;
use crate::halo::server::WeakShared;

/// How long a receiver may take. The vendor's own limit is not public; this one keeps a silent receiver from holding up
/// a test for long.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer that are read: enough for any acknowledgement.
const ANSWER_LIMIT: usize = 64 * 1024;

/// Works until the instance is gone.
pub(crate) async fn run(shared: WeakShared, mut jobs: mpsc::UnboundedReceiver<Job>) {
    while let Some(job) = jobs.recv().await {
        match job {
            Job::Post(parcel) => deliver(&shared, parcel).await,
            Job::FlushAfter(webhook, delay) => {
                let shared = shared.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(delay).await;
                    if let Some(shared) = shared.upgrade() {
                        flush(&mut shared.lock(), Some(webhook));
                    }
                });
            }
        }
    }
}

async fn deliver(shared: &WeakShared, parcel: Parcel) {
    let Some(at) = shared.upgrade().map(|shared| shared.lock().now()) else {
        return;
    };
    let started = Instant::now();
    let posted = match tokio::time::timeout(PATIENCE, post(&parcel)).await {
        Ok(posted) => posted.map_err(|error| format!("{error:#}")),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    };
    let (status, answer, error) = match posted {
        Ok((status, answer)) => (status, answer, None),
        Err(error) => (0, String::new(), Some(error)),
    };
    let record = DeliveryRecord {
        id: Uuid::now_v7(),
        webhook_id: parcel.webhook_id,
        notification_id: parcel.notification_id,
        ticket_id: parcel.ticket_id,
        at: vendor_date(at),
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        url: parcel.url,
        authorization: parcel.authorization.map(|(scheme, _)| scheme),
        body: parcel.body,
        status,
        answer,
        error,
        repeats: parcel.repeats,
    };
    if let Some(shared) = shared.upgrade() {
        shared.lock().webhooks.ended(parcel.epoch, record);
    }
}

/// One POST on a connection of its own: no proxy, no redirect, no retry.
async fn post(parcel: &Parcel) -> anyhow::Result<(u16, String)> {
    let target = Target::read(&parcel.url)?;
    let stream = TcpStream::connect(target.address).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(&target.path)
        .header(header::HOST, &target.host)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONNECTION, "close");
    if let Some((scheme, value)) = &parcel.authorization {
        request = request.header(header::AUTHORIZATION, format!("{scheme} {value}"));
    }
    let response = sender
        .send_request(request.body(Body::from(parcel.body.to_string()))?)
        .await?;
    let status = response.status().as_u16();
    let answer = Limited::new(response.into_body(), ANSWER_LIMIT).collect().await;
    // A body too long or broken off leaves the status, which is what counts.
    let answer = answer.map_or_else(
        |_| String::new(),
        |it| String::from_utf8_lossy(&it.to_bytes()).into_owned(),
    );
    connection.abort();
    Ok((status, answer))
}
