//! Lists: the last good version stays, whoever fetches; every change is seen in commit order.

use iocsift::lists::{Columns, ListFormat, ListKind, Standing, accept};
use iocsift::store::{Checked, ListDefinition, StoredList, Taken, Validators};

use super::*;
use crate::support::Database;

pub(crate) fn definition(slug: &str, source_url: Option<&str>) -> ListDefinition {
    ListDefinition {
        slug: slug.to_owned(),
        name: None,
        description: None,
        kind: ListKind::ThreatIntel,
        format: ListFormat::Lines,
        columns: Columns::default(),
        page_url: None,
        source_url: source_url.map(str::to_owned),
        credential: None,
        enabled: true,
        interval: Duration::from_secs(3600),
    }
}

pub(crate) fn taken(text: &str) -> Taken {
    let contents = accept(
        ListFormat::Lines,
        &Columns::default(),
        text.as_bytes(),
        0,
        false,
    );
    Taken::new(&contents.unwrap(), text.as_bytes())
}

async fn made(store: &Store, slug: &str, source_url: Option<&str>) -> StoredList {
    let list = definition(slug, source_url);
    store.create_list(&list).await.unwrap().unwrap()
}

const SOURCE: Option<&str> = Some("https://lists.example/a.txt");

#[tokio::test]
async fn a_list_is_made_changed_and_deleted_and_each_is_a_version_of_its_own() {
    let database = Database::new().await;
    let store = &database.store;
    let list = made(store, "seen-today", None).await;
    assert!(
        store.create_list(&list.definition).await.unwrap().is_none(),
        "its slug is taken"
    );
    assert_eq!(store.list_content(list.id).await.unwrap(), None);

    let mut versions = vec![store.lists_version().await.unwrap()];
    let text = "# ours\nbad.example.net\nworse.example.net\nno indicator\n";
    let list = store
        .replace_list(list.id, &taken(text))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((list.health.entries, list.health.refused), (2, 1));
    assert_eq!(
        store.list_content(list.id).await.unwrap().unwrap(),
        text.as_bytes()
    );
    versions.push(store.lists_version().await.unwrap());

    let edited = store
        .edit_list(list.id, |list| {
            list.name = Some("Seen today".to_owned());
            list.kind = ListKind::Contextual;
            list.enabled = false;
        })
        .await
        .unwrap()
        .unwrap();
    let known = edited.list();
    assert_eq!(
        (known.name.as_str(), known.kind, known.standing),
        ("Seen today", ListKind::Contextual, Standing::Soft)
    );
    assert!(!edited.definition.enabled && edited.health.entries == 2);
    versions.push(store.lists_version().await.unwrap());

    assert!(store.delete_list(list.id).await.unwrap());
    assert!(!store.delete_list(list.id).await.unwrap());
    assert_eq!(store.list_content(list.id).await.unwrap(), None);
    versions.push(store.lists_version().await.unwrap());
    assert!(
        versions.is_sorted_by(|one, next| one < next),
        "{versions:?}"
    );
}

#[tokio::test]
async fn a_list_that_is_due_is_claimed_once_and_only_while_it_is_enabled_and_has_a_server() {
    let database = Database::new().await;
    let store = &database.store;
    made(store, "uploaded", None).await;
    let list = made(store, "fetched", SOURCE).await;
    let claimed = store.claim_list(LEASE).await.unwrap().unwrap();
    assert_eq!((claimed.id, claimed.entries), (list.id, 0));
    assert!(store.claim_list(LEASE).await.unwrap().is_none());

    store.refresh_list(list.id, false).await.unwrap().unwrap();
    store
        .edit_list(list.id, |list| list.enabled = false)
        .await
        .unwrap();
    assert!(store.claim_list(LEASE).await.unwrap().is_none());
}

#[tokio::test]
async fn a_new_version_takes_the_place_of_the_old_one_and_a_failure_does_not() {
    let database = Database::new().await;
    let store = &database.store;
    let list = made(store, "fetched", SOURCE).await;
    let first = store.claim_list(LEASE).await.unwrap().unwrap();
    let validators = Validators {
        etag: Some("\"one\"".to_owned()),
        last_modified: None,
    };
    let new = Checked::New(Box::new(taken("bad.example.net\n")), validators.clone());
    assert!(store.settle_list(&first, &new).await.unwrap());
    assert!(
        !store.settle_list(&first, &new).await.unwrap(),
        "a claim is good for one outcome"
    );
    let version = store.lists_version().await.unwrap();

    store.refresh_list(list.id, true).await.unwrap();
    let second = store.claim_list(LEASE).await.unwrap().unwrap();
    assert_eq!(second.validators, validators);
    assert!(second.may_shrink && second.sha256.is_some() && second.entries == 1);
    let failed = Checked::Failed("it is \0 gone".to_owned(), Duration::ZERO);
    assert!(store.settle_list(&second, &failed).await.unwrap());
    let health = store.list(list.id).await.unwrap().unwrap().health;
    assert_eq!(
        (health.entries, health.failures, health.error.as_deref()),
        (1, 1, Some("it is \u{fffd} gone"))
    );
    assert!(health.checked_at > health.last_success_at);
    assert_eq!(store.lists_version().await.unwrap(), version);
    assert_eq!(
        store.list_content(list.id).await.unwrap().unwrap(),
        b"bad.example.net\n"
    );

    let third = store.claim_list(LEASE).await.unwrap().unwrap();
    let same = Checked::Same(third.validators.clone());
    assert!(store.settle_list(&third, &same).await.unwrap());
    let health = store.list(list.id).await.unwrap().unwrap().health;
    assert_eq!((health.failures, health.error), (0, None));
    assert!(health.next_check_at > health.checked_at);
}

#[tokio::test]
async fn who_fetched_a_list_that_was_changed_or_claimed_meanwhile_writes_nothing() {
    let database = Database::new().await;
    let store = &database.store;
    let list = made(store, "fetched", SOURCE).await;
    let late = store.claim_list(NO_LEASE).await.unwrap().unwrap();
    let now = store.claim_list(LEASE).await.unwrap().unwrap();
    let new = |text| Checked::New(Box::new(taken(text)), Validators::default());
    assert!(!store.settle_list(&late, &new("a.example\n")).await.unwrap());
    let elsewhere = |list: &mut ListDefinition| {
        list.source_url = Some("https://lists.example/b.txt".to_owned());
    };
    store.edit_list(list.id, elsewhere).await.unwrap();
    assert!(!store.settle_list(&now, &new("a.example\n")).await.unwrap());
    let there = store.claim_list(LEASE).await.unwrap().unwrap();
    assert!(there.source_url.ends_with("b.txt"));
    assert!(
        store
            .settle_list(&there, &new("b.example\n"))
            .await
            .unwrap()
    );
    assert_eq!(
        store.list_content(list.id).await.unwrap().unwrap(),
        b"b.example\n"
    );
}
