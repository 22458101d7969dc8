//! Events on their way: taken, refused, tried again, given up, by one sender or by many.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use iocsift::worker::webhooks::step;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use tokio::task::JoinSet;

use super::super::Server;
use super::poster;
use crate::receiver::{Receiver, Say};

#[tokio::test]
async fn what_is_not_taken_is_sent_again_under_the_same_id_after_a_pause() {
    let server = Server::new().await;
    let receiver = Receiver::new().await;
    receiver.says([Say::Status(500), Say::Nothing]);
    let hook = server
        .hook(json!({"url": receiver.url, "events": ["submission.completed"]}))
        .await;
    server.report("text", vec![]).await;
    assert_eq!(
        server.send_all().await,
        1,
        "the next try comes after a pause"
    );
    let pending = server.deliveries(&hook).await;
    assert_eq!(pending[0]["status"], "pending");
    assert!(pending[0]["next_attempt_at"].is_string());
    for _ in 0..2 {
        server.skip_pauses().await;
        assert_eq!(server.send_all().await, 1);
    }
    let ids: HashSet<_> = receiver
        .received()
        .iter()
        .map(|one| one.header("webhook-id").to_owned())
        .collect();
    assert_eq!((receiver.received().len(), ids.len()), (3, 1));
    let log = server.deliveries(&hook).await;
    assert_eq!(log[0]["status"], "delivered");
    let tries = log[0]["attempts"].as_array().unwrap();
    assert_eq!(
        (&tries[0]["status"], &tries[0]["answer"]),
        (&json!(500), &json!("so \u{fffd}so"))
    );
    assert_eq!(
        (&tries[1]["status"], &tries[1]["error"]),
        (&Value::Null, &json!("the server did not answer in time"))
    );
    assert_eq!(
        (&tries[2]["status"], &tries[2]["attempt"]),
        (&json!(204), &json!(3))
    );
    assert_eq!(server.send_all().await, 0);
}

#[tokio::test]
async fn an_event_is_given_up_in_the_end_and_a_webhook_that_fails_for_days_is_paused() {
    let server = Server::new().await;
    let receiver = Receiver::new().await;
    receiver.says(vec![Say::Status(503); 100]);
    let hook = server
        .hook(json!({"url": receiver.url, "events": ["submission.completed"]}))
        .await;
    server.report("text", vec![]).await;
    for _ in 0..20 {
        server.send_all().await;
        server.skip_pauses().await;
    }
    let log = server.deliveries(&hook).await;
    assert_eq!(
        (receiver.received().len(), &log[0]["status"]),
        (9, &json!("given_up"))
    );

    server
        .database
        .execute("UPDATE webhooks SET failing_since = now() - interval '4 days'")
        .await;
    server.report("another", vec![]).await;
    for _ in 0..3 {
        let shown = server
            .of_hook(Method::GET, &hook, "", Value::Null)
            .await
            .json();
        assert_eq!(shown["paused_at"], Value::Null);
        server.send_all().await;
        server.skip_pauses().await;
    }
    let shown = server
        .of_hook(Method::GET, &hook, "", Value::Null)
        .await
        .json();
    assert!(shown["paused_at"].is_string(), "{shown}");
    assert_eq!(shown["paused_because"], "every try failed for three days");
    // Nothing new is kept for it; what waits is sent when it goes on.
    server.report("unheard", vec![]).await;
    assert_eq!(server.send_all().await, 0);
    let resumed = server
        .of_hook(Method::PATCH, &hook, "", json!({"paused": false}))
        .await
        .json();
    assert_eq!(
        (&resumed["paused_at"], &resumed["failing_since"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(server.send_all().await, 1);
    assert_eq!(server.deliveries(&hook).await.len(), 2);
}

#[tokio::test]
async fn who_answers_gone_is_asked_no_more() {
    let server = Server::new().await;
    let receiver = Receiver::new().await;
    receiver.says([Say::Status(410)]);
    let hook = server.hook(json!({"url": receiver.url})).await;
    server
        .of_hook(Method::POST, &hook, "/test", Value::Null)
        .await;
    server.send_all().await;
    let shown = server
        .of_hook(Method::GET, &hook, "", Value::Null)
        .await
        .json();
    assert_eq!(shown["paused_because"], "the receiver answered 410 Gone");
    server
        .of_hook(Method::POST, &hook, "/test", Value::Null)
        .await
        .refuses(422, "invalid_request");
}

#[tokio::test]
async fn nothing_is_sent_to_addresses_that_are_refused_nor_where_a_redirect_leads() {
    let server = Server::new().await;
    let (private, public) = (Receiver::at("127.0.0.2").await, Receiver::new().await);
    public.says([
        Say::Redirect(private.url.clone()),
        Say::Redirect(public.url.clone()),
    ]);
    let local = private.url.replace("127.0.0.2", "localhost");
    let mut hooks = Vec::new();
    for url in [&private.url, &local, &public.url, &public.url] {
        let hook = server.hook(json!({"url": url})).await;
        let sent = server
            .of_hook(Method::POST, &hook, "/test", Value::Null)
            .await;
        assert_eq!(sent.status, StatusCode::ACCEPTED);
        hooks.push(hook);
    }
    assert_eq!(server.send_all().await, 4);
    assert_eq!((private.received().len(), public.received().len()), (0, 2));
    for (hook, redirected) in hooks.iter().zip([false, false, true, true]) {
        let tried = server.deliveries(hook).await[0]["attempts"][0].clone();
        assert_eq!(tried["status"] == 307, redirected, "{tried}");
        assert_eq!(tried["error"].is_string(), !redirected, "{tried}");
    }
}

#[tokio::test]
async fn a_sender_that_dies_costs_a_try_and_never_the_event() {
    let server = Server::new().await;
    let receiver = Receiver::new().await;
    server
        .hook(json!({"url": receiver.url, "events": ["submission.completed"]}))
        .await;
    server.report("text", vec![]).await;
    let store = &server.database.store;
    let lost = store
        .claim_delivery(Duration::from_secs(60))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(server.send_all().await, 0, "its lease holds");
    server.skip_pauses().await;
    assert_eq!(server.send_all().await, 1);
    assert_eq!(
        receiver.received()[0].header("webhook-id"),
        lost.delivery.to_string()
    );
    let tries = "SELECT attempts::bigint FROM webhook_deliveries";
    assert_eq!(server.database.number(tries).await, 2);
}

#[tokio::test]
async fn results_that_are_being_written_hold_no_event_up() {
    let server = Server::new().await;
    let receiver = Receiver::new().await;
    server.hook(json!({"url": receiver.url})).await;
    server.report("text", vec![]).await;
    let mut writer = PgConnection::connect(&server.database.url).await.unwrap();
    // What a result holds until it is committed.
    sqlx::raw_sql("BEGIN; SELECT id FROM webhooks FOR KEY SHARE")
        .execute(&mut writer)
        .await
        .unwrap();
    assert_eq!(server.send_all().await, 1);
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_servers_on_one_database_deliver_each_event_once_and_in_order() {
    const SENDERS: usize = 6;
    const REPORTS: usize = 20;
    let server = Server::new().await;
    let receivers = [
        Receiver::new().await,
        Receiver::new().await,
        Receiver::new().await,
    ];
    for receiver in &receivers {
        server
            .hook(json!({"url": receiver.url, "events": ["submission.completed"]}))
            .await;
    }
    let poster = Arc::new(poster());
    let mut senders = JoinSet::new();
    for _ in 0..SENDERS {
        let (store, poster) = (server.database.store.clone(), Arc::clone(&poster));
        senders.spawn(async move {
            loop {
                if !step(&store, &poster).await.unwrap() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        });
    }
    let mut reports = Vec::new();
    for number in 0..REPORTS {
        reports.push(server.report(&format!("report {number}"), vec![]).await);
    }
    let open = "SELECT count(*) FROM webhook_deliveries WHERE status = 'pending'";
    while server.database.number(open).await > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    senders.shutdown().await;
    for receiver in &receivers {
        let told: Vec<String> = receiver
            .received()
            .iter()
            .map(|one| {
                one.json()["data"]["submission"]["id"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        assert_eq!(told, reports);
    }
}
