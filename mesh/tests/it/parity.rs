//! Each refusal sent through both doors: gRPC and REST give the same reason, the same wrong fields, the same delay.

mod plain;
mod streams;

use std::time::Duration;

use abacus_chassis::Reason;
use serde_json::{Value, json};
use tonic::Status;
use tonic_types::StatusExt;

use crate::http::Answer;

/// Reasons that one door alone can give: a route or an RPC without a counterpart, or a fault.
const ONE_DOOR: [Reason; 13] = [
    // Of HTTP only.
    Reason::HeadersTooLarge,
    Reason::MediaTypeUnsupported,
    Reason::MethodNotAllowed,
    Reason::NotAcceptable,
    Reason::RangeNotSatisfiable,
    Reason::CrossSite,
    // Of RPCs without a route.
    Reason::WorkerNotFound,
    Reason::ServiceNotFound,
    Reason::JobNotDead,
    Reason::NoFreeSlot,
    Reason::WorkerDraining,
    // The caller is gone, so nobody is told.
    Reason::Cancelled,
    // Nothing provokes a fault.
    Reason::Internal,
];

#[test]
fn every_reason_is_compared_or_has_one_door() {
    let compared = [plain::COMPARED, streams::COMPARED].concat();
    for reason in Reason::ALL {
        let times = compared.iter().chain(&ONE_DOOR).filter(|listed| *listed == reason).count();
        assert_eq!(times, 1, "{}", reason.name());
    }
}

/// Checks that an answer is the refusal that a status is.
fn assert_same(reason: Reason, status: &Status, answer: &Answer) {
    assert_eq!(answer.status, reason.http_status().as_u16(), "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
    let problem = answer.json();
    assert_same_problem(reason, status, &problem);
    let seconds = problem["retry_after_ms"].as_u64().map(|ms| ms.div_ceil(1000).to_string());
    assert_eq!(answer.header("retry-after"), seconds.unwrap_or_default(), "{answer:?}");
}

/// Checks that a problem is the refusal that a status is.
fn assert_same_problem(reason: Reason, status: &Status, problem: &Value) {
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("{status:?}"));
    assert_eq!((info.reason.as_str(), status.code()), (reason.name(), reason.code()), "{status:?}");
    assert_eq!(problem["reason"], reason.name(), "{problem}");
    assert_eq!(problem["detail"], status.message());

    let violations = details.bad_request().map(|bad| {
        let fields = bad.field_violations.iter();
        fields.map(|one| json!({"field": one.field, "description": one.description})).collect::<Vec<_>>()
    });
    assert_eq!(problem.get("violations"), violations.map(Value::from).as_ref(), "{problem}");
    let delay = details.retry_info().and_then(|info| info.retry_delay);
    let told = problem["retry_after_ms"].as_u64().map(Duration::from_millis);
    assert_eq!(told, delay, "{problem}");
    let missing =
        details.resource_info().map(|info| json!({"type": info.resource_type, "name": info.resource_name}));
    assert_eq!(problem.get("resource"), missing.as_ref(), "{problem}");
    let quota = details.quota_failure().map(|quota| {
        let limits = quota.violations.iter();
        limits.map(|one| json!({"subject": one.subject, "description": one.description})).collect::<Vec<_>>()
    });
    assert_eq!(problem.get("quota"), quota.map(Value::from).as_ref(), "{problem}");
}
