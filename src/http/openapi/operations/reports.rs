//! What reports say: submissions, indicators, marks.

use super::{Answer, EVERYTHING, EXPORT, FORM, JSON, NO_CONTENT, NOT_MODIFIED, Operation, ok};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write(
        "post",
        "/api/submissions/file",
        "submitFile",
        "Hand in a file.",
    )
    .submits(FORM, "File"),
    Operation::write(
        "post",
        "/api/submissions/text",
        "submitText",
        "Hand in a text.",
    )
    .submits(JSON, "NewText"),
    Operation::write(
        "post",
        "/api/submissions/url",
        "submitUrl",
        "Hand in a URL, which is fetched.",
    )
    .submits(JSON, "NewUrl"),
    Operation::write(
        "post",
        "/api/extract",
        "extract",
        "The indicators of a text or a file at once; nothing is stored.",
    )
    .query(&["extended"])
    .takes(JSON, "NewText")
    .answers(&[ok(&[(JSON, "Extracted")])]),
    Operation::get(
        "/api/submissions",
        "listSubmissions",
        "The newest submissions; with since the change feed.",
    )
    .query(&["limit", "offset", "since"])
    .answers(&[ok(&[(JSON, "Submissions")])]),
    Operation::get(
        "/api/submissions/search",
        "searchSubmissions",
        "Submissions by words of their title, file name or URL.",
    )
    .query(&["q", "status", "source_type", "limit", "offset"])
    .answers(&[ok(&[(JSON, "FoundSubmissions")])]),
    Operation::get(
        "/api/submissions/{id}",
        "getSubmission",
        "A submission with its indicators, or with a page of them.",
    )
    .query(&["extended", "limit", "offset"])
    .answers(&[ok(&[(JSON, "SubmissionDetail")])])
    .refuses(&[410]),
    Operation::write(
        "patch",
        "/api/submissions/{id}",
        "editSubmission",
        "Change title, summary, tags, TLP, category or industries.",
    )
    .takes(JSON, "Edit")
    .answers(&[ok(&[(JSON, "Submission")])]),
    Operation::write(
        "delete",
        "/api/submissions/{id}",
        "deleteSubmission",
        "Delete it.",
    )
    .answers(&[NO_CONTENT]),
    Operation::write(
        "post",
        "/api/submissions/{id}/reprocess",
        "reprocessSubmission",
        "Read it again.",
    )
    .answers(&[Answer {
        status: 202,
        says: "It waits to be read.",
        content: &[(JSON, "Submission")],
        headers: &[],
    }]),
    Operation::get(
        "/api/submissions/{id}/export",
        "exportSubmission",
        "A submission as a file for other programs.",
    )
    .query(&["format", "defang", "flagged", "extended"])
    .answers(&[EXPORT, NOT_MODIFIED])
    .refuses(&[409, 410]),
    Operation::get(
        "/api/submissions/{id}/content",
        "getContent",
        "The original.",
    )
    .answers(&[ok(&[("application/octet-stream", "Bytes")])])
    .signed(&[410]),
    Operation::get(
        "/api/submissions/{id}/text",
        "getText",
        "The text that was scanned.",
    )
    .answers(&[ok(&[("text/plain", "Text")])])
    .signed(&[410]),
    Operation::get(
        "/api/iocs/search",
        "searchIndicators",
        "Indicators over all submissions, newest first.",
    )
    .query(&["q", "type", "extended", "limit", "offset"])
    .answers(&[ok(&[(JSON, "FoundIndicators")])]),
    Operation::get(
        "/api/iocs/stats",
        "countIndicators",
        "How much there is of every type.",
    )
    .query(&["extended"])
    .answers(&[ok(&[(JSON, "Stats")])]),
    Operation::get(
        "/api/iocs/export",
        "exportIndicators",
        "Every indicator as a file, streamed.",
    )
    .query(&[
        "format",
        "type",
        "since",
        "until",
        "confidence",
        "tlp",
        "defang",
        "flagged",
        "extended",
    ])
    .answers(&[EVERYTHING, NOT_MODIFIED]),
    Operation::get(
        "/api/iocs/{id}",
        "getIndicator",
        "An indicator and the submissions that show it.",
    )
    .query(&["limit", "offset"])
    .answers(&[ok(&[(JSON, "IndicatorDetail")])]),
    Operation::get(
        "/api/false-positives",
        "listFalsePositives",
        "Indicators that people marked as false positives, latest first.",
    )
    .query(&["limit", "offset"])
    .answers(&[ok(&[(JSON, "FalsePositives")])])
    .signed(&[]),
    Operation::write(
        "post",
        "/api/false-positives",
        "markFalsePositive",
        "Mark an indicator: every report flags it, those that are there and those to come.",
    )
    .takes(JSON, "NewFalsePositive")
    .answers(&[
        Answer {
            status: 201,
            says: "Marked.",
            content: &[(JSON, "FalsePositive")],
            headers: &[],
        },
        Answer {
            status: 200,
            says: "It was marked before; this mark takes the place of that.",
            content: &[(JSON, "FalsePositive")],
            headers: &[],
        },
    ]),
    Operation::write(
        "delete",
        "/api/false-positives/{id}",
        "withdrawFalsePositive",
        "Take the mark back.",
    )
    .answers(&[NO_CONTENT]),
];
