//! Lists, and pages that are watched.

use super::{Answer, JSON, NO_CONTENT, Operation, ok};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get(
        "/api/lists",
        "listLists",
        "The lists that values are looked up in.",
    )
    .answers(&[ok(&[(JSON, "Lists")])])
    .signed(&[]),
    Operation::write(
        "post",
        "/api/lists",
        "createList",
        "Make a list, to be fetched or uploaded.",
    )
    .takes(JSON, "NewList")
    .answers(&[Answer {
        status: 201,
        says: "Made.",
        content: &[(JSON, "List")],
        headers: &[("Location", "Where it is.")],
    }]),
    Operation::get(
        "/api/lists/remark",
        "getRemark",
        "How far the last run over the marks of all reports has come.",
    )
    .answers(&[ok(&[(JSON, "Remark")])])
    .signed(&[404]),
    Operation::write(
        "post",
        "/api/lists/remark",
        "remark",
        "Have the marks of lists made anew in all stored reports.",
    )
    .answers(&[Answer {
        status: 202,
        says: "It is on its way.",
        content: &[(JSON, "Remark")],
        headers: &[],
    }]),
    Operation::get("/api/lists/{id}", "getList", "A list, and how it fares.")
        .answers(&[ok(&[(JSON, "List")])])
        .signed(&[]),
    Operation::write(
        "patch",
        "/api/lists/{id}",
        "editList",
        "Change what is said of it.",
    )
    .takes(JSON, "ListEdit")
    .answers(&[ok(&[(JSON, "List")])]),
    Operation::write(
        "delete",
        "/api/lists/{id}",
        "deleteList",
        "Remove it, with what it holds.",
    )
    .answers(&[NO_CONTENT]),
    Operation::write(
        "put",
        "/api/lists/{id}/content",
        "uploadList",
        "Upload a version of it, which takes the place of the one before.",
    )
    .query(&["force"])
    .takes("application/octet-stream", "ListContent")
    .answers(&[ok(&[(JSON, "List")])]),
    Operation::write(
        "post",
        "/api/lists/{id}/refresh",
        "refreshList",
        "Have it fetched as soon as a worker is free.",
    )
    .query(&["force"])
    .answers(&[Answer {
        status: 202,
        says: "It is due; its health tells how it goes.",
        content: &[(JSON, "List")],
        headers: &[],
    }]),
    Operation::get(
        "/api/watches",
        "listWatches",
        "The feeds and sitemaps whose new entries become submissions.",
    )
    .answers(&[ok(&[(JSON, "Watches")])])
    .signed(&[]),
    Operation::write(
        "post",
        "/api/watches",
        "createWatch",
        "Watch a feed or a sitemap.",
    )
    .takes(JSON, "NewWatch")
    .answers(&[Answer {
        status: 201,
        says: "Made.",
        content: &[(JSON, "Watch")],
        headers: &[("Location", "Where it is.")],
    }]),
    Operation::get(
        "/api/watches/{id}",
        "getWatch",
        "A watch, and how it fares.",
    )
    .answers(&[ok(&[(JSON, "Watch")])])
    .signed(&[]),
    Operation::write(
        "patch",
        "/api/watches/{id}",
        "editWatch",
        "Change what is said of it.",
    )
    .takes(JSON, "WatchEdit")
    .answers(&[ok(&[(JSON, "Watch")])]),
    Operation::write(
        "delete",
        "/api/watches/{id}",
        "deleteWatch",
        "Remove it, with what it has seen; its submissions stay.",
    )
    .answers(&[NO_CONTENT]),
    Operation::write(
        "post",
        "/api/watches/{id}/poll",
        "pollWatch",
        "Have its page looked at as soon as a worker is free.",
    )
    .answers(&[Answer {
        status: 202,
        says: "It is due; its health tells how it goes.",
        content: &[(JSON, "Watch")],
        headers: &[],
    }]),
    Operation::get(
        "/api/watches/{id}/entries",
        "listWatchEntries",
        "What a watch has seen, newest first, and what became of each entry.",
    )
    .query(&["limit", "offset"])
    .answers(&[ok(&[(JSON, "WatchEntries")])])
    .signed(&[]),
];
