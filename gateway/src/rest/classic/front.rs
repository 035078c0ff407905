//! `/` and `/form`: the page for browsers, and with `?n=` the number itself for everybody else.

use abacus_chassis::{Reason, Refusal};
use abacus_tasks::Violations;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, Uri, header};
use serde_json::json;

use super::super::{
    Of, Route, accept,
    incoming::{asked, query},
    jobs::accepted,
    json,
    openapi::{self, Operation},
    prefer::LONGEST_WAIT,
    result,
};
use crate::page;

/// What programs are told that ask for nothing.
const USAGE: &str = "\
Abacus computes exact integers. In a browser this is its page; from a shell:

  curl 'HOST/?n=42'                               the 42nd Fibonacci number
  curl HOST/openapi.json                          what else there is
  grpcurl -plaintext HOST list                    the same over gRPC
";

pub(super) fn routes() -> Vec<Route> {
    let texts = || {
        let mut forms = result::forms();
        forms.push(("text/html", openapi::any_text()));
        forms
    };
    let index = "Which Fibonacci number.";
    let front =
        Operation::new("get", "/", "getFront", "The page for browsers; with n, the number for others.")
            .classic()
            .optional_query("n", index, &openapi::up_to("fibonacci.n"))
            .accepts(&["text/html", "text/plain", "application/json", "application/octet-stream"])
            .answers_with(200, "The page, the number, or how to ask for one.", texts())
            .answers(
                202,
                "It takes longer than a minute.",
                openapi::told::<abacus_api::v1::SubmitJobResponse>(),
            )
            .answers_nothing(304, "The caller holds the page already.")
            .refuses(openapi::SUBMITTING)
            .refuses(openapi::READING)
            .refuses(&[Reason::InvalidField, Reason::NotAcceptable]);
    let form = Operation::new("get", "/form", "getForm", "The page for browsers.")
        .classic()
        .answers_with(200, "The page.", vec![("text/html", openapi::any_text())])
        .answers_nothing(304, "The caller holds the page already.");
    vec![
        Route { path: "/", methods: get(root), operations: vec![front] },
        Route { path: "/form", methods: get(page::page), operations: vec![form] },
    ]
}

async fn root(State(rest): Of, uri: Uri, headers: HeaderMap) -> Result<Response, Refusal> {
    // Caches hold the page and the number apart.
    let varying = |mut response: Response| {
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
        response
    };
    if accept::names(&headers, "text/html") {
        return Ok(varying(page::page(headers).await));
    }
    let pairs = query(&uri);
    let Some(n) = pairs.iter().find(|(name, _)| name == "n").map(|(_, n)| n.clone()) else {
        return Ok(varying(usage(pairs)?));
    };
    let others = pairs.into_iter().filter(|(name, _)| name != "n").collect();
    let mut violations = Violations::new();
    let task = json!({"task": {"fibonacci": {"n": n}}});
    let request = json::read(task, &mut violations);
    usage(others)?;

    let form = result::Form::liked(&headers)?;
    let submitted = rest.submit(&headers, request, violations).await?;
    if rest.ends_within(LONGEST_WAIT, &submitted.snapshot, &headers).await {
        result::tell(&rest, &headers, submitted.snapshot.job.as_str(), form).await
    } else {
        Ok(accepted(&submitted))
    }
}

/// How to ask, once it is sure that nothing else was asked.
fn usage(pairs: Vec<(String, String)>) -> Result<Response, Refusal> {
    asked::<abacus_api::v1::ListKindsRequest>(pairs)?;
    Ok(USAGE.into_response())
}
