//! What a list's server wants to see: it sees it, and nobody else does.

use iocsift::credential::Credential;

use super::*;

const SECRET: &str = "bearer a-secret";

fn shows_it(head: &str, header: &str) -> bool {
    head.contains(&format!("\r\n{header}: {SECRET}\r\n"))
}

fn redirect(url: &str) -> String {
    format!(
        "HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
}

async fn desk(header: &str) -> Desk {
    let desk = Desk::new().await;
    let credential = Credential::new(header, SECRET).unwrap();
    let edit = |list: &mut ListDefinition| list.credential = Some(credential);
    desk.store().edit_list(desk.list, edit).await.unwrap();
    desk
}

#[tokio::test]
async fn a_server_is_shown_its_credentials_and_one_that_it_leads_to_is_not() {
    for header in ["authorization", "x-api-key"] {
        let (desk, other) = (desk(header).await, Source::new().await);
        let (asked, there) = (Arc::clone(&desk.source.asked), Arc::clone(&other.asked));
        desk.source.says(redirect("/moved.txt"));
        desk.source.says(redirect(&other.url));
        // Another port of the same address is another server.
        other.sends(TEN);
        assert_eq!(desk.fetch().await.error, None);
        assert_eq!(desk.content().await, TEN);
        let heads = asked.lock().unwrap().clone();
        assert_eq!(heads.len(), 2);
        assert!(heads.iter().all(|head| shows_it(head, header)), "{heads:?}");
        let heads = there.lock().unwrap().clone();
        assert_eq!(heads.len(), 1);
        assert!(
            !heads[0].contains("secret") && !heads[0].contains(header),
            "{heads:?}"
        );
    }
}

#[tokio::test]
async fn every_part_of_a_list_is_asked_for_with_the_credentials() {
    let desk = Desk::of(ListFormat::MispFeed, "/misp/").await;
    let credential = Credential::basic("somebody", "a password").unwrap();
    let basic = format!("authorization: {}", credential.value().to_lowercase());
    let edit = |list: &mut ListDefinition| list.credential = Some(credential);
    desk.store().edit_list(desk.list, edit).await.unwrap();
    desk.source
        .sends(r#"{"5e0b7d2c-1111-4222-8333-444455556666":{"timestamp":"1"}}"#);
    desk.source.sends(r#"{"Event":{"Attribute":[]}}"#);
    assert_eq!(desk.fetch().await.error, None);
    let heads = desk.source.asked.lock().unwrap().clone();
    assert_eq!(heads.len(), 2);
    assert!(heads.iter().all(|head| head.contains(&basic)), "{heads:?}");
}

#[tokio::test]
async fn other_credentials_are_tried_at_once_and_who_fetches_with_the_old_ones_writes_nothing() {
    let desk = desk("authorization").await;
    desk.source.says(status("401 Unauthorized"));
    assert!(
        desk.fetch()
            .await
            .error
            .unwrap()
            .contains("HTTP status 401")
    );
    assert!(
        !step(desk.store(), &desk.fetcher).await.unwrap(),
        "it is not due"
    );

    let store = desk.store();
    store.refresh_list(desk.list, false).await.unwrap();
    let late = store
        .claim_list(Duration::from_secs(600))
        .await
        .unwrap()
        .unwrap();
    let edit = |list: &mut ListDefinition| list.credential = None;
    store.edit_list(desk.list, edit).await.unwrap();
    let failed = iocsift::store::Checked::Failed("late".to_owned(), Duration::ZERO);
    assert!(!store.settle_list(&late, &failed).await.unwrap());
    desk.source.sends(TEN);
    assert_eq!(desk.step().await.error, None);
    assert!(!desk.source.last_asked().contains("authorization"));
    assert!(!format!("{late:?}").contains("secret"), "it is in no log");
}
