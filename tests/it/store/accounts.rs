//! Accounts, tokens, sessions.

use chrono::{TimeDelta, Utc};
use iocsift::account::{Scope, Secret};
use tokio::task::JoinSet;

use super::*;
use crate::support::Database;

#[tokio::test]
async fn of_many_who_want_to_be_the_first_administrator_one_becomes_it() {
    let database = Database::new().await;
    let mut callers = JoinSet::new();
    for n in 0..10 {
        let store = database.store.clone();
        callers.spawn(async move {
            let token = Secret::generate().to_store("first", vec![Scope::Admin], None);
            store
                .create_first_admin(&format!("admin{n}"), "hash", &token)
                .await
                .unwrap()
        });
    }
    let admins: Vec<_> = callers.join_all().await.into_iter().flatten().collect();
    assert_eq!(admins.len(), 1);
    assert_eq!(admins[0].role, Role::Admin);
    assert_eq!(database.number("SELECT count(*) FROM users").await, 1);
    assert_eq!(database.store.tokens(admins[0].id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_name_is_taken_in_any_case() {
    let database = Database::new().await;
    let store = &database.store;
    let account = store
        .create_user("Alice", "hash", Role::Member)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        store
            .create_user("alice", "other", Role::Admin)
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        store.user_by_name("ALICE").await.unwrap(),
        Some((account, "hash".to_owned()))
    );
    assert_eq!(store.user_by_name("bob").await.unwrap(), None);
}

#[tokio::test]
async fn a_token_opens_until_it_is_revoked_by_its_owner() {
    let database = Database::new().await;
    let store = &database.store;
    let (owner, stranger) = (owner(store).await, owner(store).await);
    let new = Secret::generate().to_store("ci", vec![Scope::Read, Scope::Write], None);
    let token = store.create_token(owner, &new).await.unwrap();
    assert_eq!(
        (token.scopes.as_slice(), token.last_used_at),
        (&[Scope::Read, Scope::Write][..], None)
    );

    let (account, same) = store.authenticate(&new.digest).await.unwrap().unwrap();
    assert_eq!((account.id, same), (owner, token.clone()));
    let first_use = store.tokens(owner).await.unwrap()[0].last_used_at;
    assert!(first_use.is_some());
    store.authenticate(&new.digest).await.unwrap().unwrap();
    assert_eq!(
        store.tokens(owner).await.unwrap()[0].last_used_at,
        first_use,
        "noted once a minute"
    );

    assert!(!store.revoke_token(stranger, token.id).await.unwrap());
    assert!(store.revoke_token(owner, token.id).await.unwrap());
    assert!(!store.revoke_token(owner, token.id).await.unwrap());
    assert_eq!(store.authenticate(&new.digest).await.unwrap(), None);
    assert_eq!(store.authenticate(&[0; 32]).await.unwrap(), None);
}

#[tokio::test]
async fn an_expired_token_is_told_from_an_unknown_one() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let past = Utc::now() - TimeDelta::hours(1);
    let new = Secret::generate().to_store("old", vec![Scope::Read], Some(past));
    store.create_token(owner, &new).await.unwrap();
    let (_, token) = store.authenticate(&new.digest).await.unwrap().unwrap();
    assert!(token.expires_at.unwrap() < Utc::now());
    assert_eq!(store.tokens(owner).await.unwrap()[0].last_used_at, None);
}

#[tokio::test]
async fn a_session_lasts_until_it_runs_out_or_is_ended() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    store
        .create_session(owner, [1; 32], Utc::now() - TimeDelta::hours(1))
        .await
        .unwrap();
    assert_eq!(store.session(&[1; 32]).await.unwrap(), None);
    store
        .create_session(owner, [2; 32], Utc::now() + TimeDelta::hours(1))
        .await
        .unwrap();
    assert_eq!(store.session(&[2; 32]).await.unwrap().unwrap().id, owner);
    assert!(store.delete_session(&[2; 32]).await.unwrap());
    assert!(!store.delete_session(&[2; 32]).await.unwrap());
    assert_eq!(store.session(&[2; 32]).await.unwrap(), None);
    assert_eq!(
        database.number("SELECT count(*) FROM sessions").await,
        0,
        "those that ran out are forgotten"
    );
}

#[tokio::test]
async fn the_instance_has_one_name_for_ever() {
    let database = Database::new().await;
    let first = database.store.producer().await.unwrap();
    database.store.migrate().await.unwrap();
    assert_eq!(database.store.producer().await.unwrap(), first);
    assert_eq!(first.id.get_version_num(), 4);
}
