//! A server that is killed while it tells a webhook.

use serde_json::json;

use crate::process::Server;
use crate::receiver::{Receiver, Say};
use crate::support::Database;

#[tokio::test(flavor = "multi_thread")]
async fn an_event_survives_the_death_of_the_server_between_the_result_and_its_delivery() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::new().await;
    let receiver = Receiver::new().await;
    let flags = [
        "--database-url",
        &database.url,
        "--fetch-allow",
        "127.0.0.1/32",
    ];
    let server = Server::start(dir.path(), &flags);
    let hook = json!({"url": receiver.url, "events": ["submission.completed"]});
    let (status, _) = server.post("/api/webhooks", &hook).await;
    assert_eq!(status, 201);
    // It took the event, and nobody will ever know.
    receiver.says([Say::Nothing]);
    let id = server.submit("evil[.]badhost.com").await;
    receiver.has(1).await;
    server.kill();

    database
        .execute("UPDATE webhooks SET ready_at = now()")
        .await;
    let heir = Server::start(dir.path(), &flags);
    let told = receiver.has(2).await;
    assert_eq!(told[0].header("webhook-id"), told[1].header("webhook-id"));
    assert_eq!(told[1].json()["data"]["submission"]["id"], *id);
    // Another event goes once, to whoever is there.
    let later = heir.submit("evil[.]otherhost.com").await;
    assert_eq!(
        receiver.has(3).await[2].json()["data"]["submission"]["id"],
        *later
    );
    heir.terminate();
    assert!(heir.wait());
    assert_eq!(receiver.received().len(), 3);
}
