//! Values that are asked for one by one.

use axum::http::StatusCode;
use iocsift::indicator::Kind;
use serde_json::{Value, json};

use super::super::{Server, finding, flagged};
use super::{every_type, values};

#[tokio::test]
async fn a_search_finds_the_value_itself_first_and_tells_what_stands_beside_it() {
    let server = Server::new().await;
    server.report("a", every_type()).await;
    server
        .report("b", vec![finding(Kind::Domain, "evil.example.org")])
        .await;
    let search = async |query: &str| {
        let path = format!("/api/v1/iocs/search?{query}");
        let answer = server.get_as(&server.member, &path).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()
    };
    let exact = search("q=EVIL[.]example").await;
    assert_eq!(
        (&exact["meta"]["match"], &exact["meta"]["total"]),
        (&json!("exact"), &json!(1))
    );
    assert_eq!(values(&exact), ["evil.example"]);
    let related = exact["related"].as_array().unwrap();
    assert_eq!(related.len(), 9);
    assert!(related.iter().all(|row| row["value"] != "evil.example"));
    assert!(
        search("q=evil.example&include_related=false").await["related"]
            .as_array()
            .unwrap()
            .is_empty()
    );

    let partial = search("q=vil.exam&type=domain").await;
    assert_eq!(
        (&partial["meta"]["match"], &partial["meta"]["total"]),
        (&json!("partial"), &json!(2))
    );
    assert_eq!(search("q=t1059.001").await["meta"]["match"], "exact");
    let nothing = search("q=never-seen.example").await;
    assert_eq!(
        (&nothing["meta"]["match"], &nothing["data"]),
        (&Value::Null, &json!([]))
    );
    assert_eq!(search("q=ev").await["meta"]["total"], 0);
}

#[tokio::test]
async fn a_lookup_tells_who_says_what_and_an_unknown_value_is_no_error() {
    let server = Server::new().await;
    server
        .page("https://securelist.com/one", every_type())
        .await;
    server
        .page(
            "https://securelist.com/two",
            vec![finding(Kind::Ipv4, "192.0.2.1")],
        )
        .await;
    server
        .report("c", vec![flagged(Kind::Ipv4, "192.0.2.1")])
        .await;
    let lookup = async |query: &str| {
        let path = format!("/api/v1/lookup?{query}");
        server.get_as(&server.member, &path).await.json()
    };
    let known = lookup("value=192[.]0[.]2[.]1&type=ipv4").await;
    assert_eq!(known["found"], true);
    assert_eq!(
        (&known["value"], &known["type"]),
        (&json!("192.0.2.1"), &json!("ipv4"))
    );
    assert_eq!(
        (&known["confidence"], &known["confidence_score"]),
        (&json!("high"), &json!(90))
    );
    assert_eq!(known["submission_count"], 3);
    let sources = known["sources"].as_array().unwrap();
    let told: Vec<_> = sources
        .iter()
        .map(|source| {
            (
                source["feed_name"].as_str().unwrap(),
                source["reports"].as_u64().unwrap(),
                source["confidence"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [("securelist.com", 2, "high"), ("Texts", 1, "low")]);
    assert_eq!(known["mitre_techniques"][0]["id"], "T1059.001");
    assert_eq!(known["mitre_techniques"][0]["name"], "PowerShell");
    assert!(
        known["hunting_queries"]["kql"]
            .as_str()
            .unwrap()
            .contains("192.0.2.1")
    );
    assert_eq!(lookup("ioc=192.0.2.1").await, known);

    let unknown = lookup("value=203.0.113.99").await;
    assert_eq!(
        (&unknown["found"], &unknown["value"], &unknown["confidence"]),
        (&json!(false), &json!("203.0.113.99"), &Value::Null)
    );
    assert_eq!(lookup("value=192.0.2.1&type=domain").await["found"], false);
}

/// So many submissions that a walk takes several steps, and rare indicators in the oldest of them alone.
#[tokio::test]
async fn the_rarest_of_a_type_is_found_among_many_reports_and_each_way_of_finding_gives_the_same() {
    let server = Server::new().await;
    let techniques = |ids: &[usize]| {
        let technique = |id: &usize| finding(Kind::MitreAttack, &format!("T10{id:02}"));
        ids.iter().map(technique).collect::<Vec<_>>()
    };
    server.report("old", techniques(&[1, 2, 3, 4, 5])).await;
    server.report("common", techniques(&[1, 90])).await;
    let many = "DO $$ BEGIN FOR n IN 1..500 LOOP
            WITH new AS (
                INSERT INTO submissions (id, status, source_type, source_identifier, ioc_count, owner_id)
                SELECT gen_random_uuid(), 'completed', 'text', 'copy', 1, id FROM users LIMIT 1 RETURNING id)
            INSERT INTO sightings SELECT (json_populate_record(s, json_build_object('submission_id', new.id))).*
            FROM new, sightings s WHERE s.ioc_id = (SELECT id FROM iocs WHERE value = 'T1090') LIMIT 1;
        END LOOP; END $$";
    server.database.execute(many).await;
    for order in ["", "&since=2000-01-01"] {
        let all = server.feed(&format!("type=mitre-attack{order}")).await;
        assert_eq!(all["meta"]["total"], 6);
        assert_eq!(all["data"].as_array().unwrap().len(), 6);
        let counted = server.feed(&format!("category=community{order}")).await;
        assert_eq!(counted["data"], all["data"]);
        let mut joined = Vec::new();
        for offset in 0..7 {
            let page = server
                .feed(&format!("limit=1&offset={offset}{order}"))
                .await;
            joined.extend(values(&page));
        }
        assert_eq!(joined, values(&all));
    }
}
