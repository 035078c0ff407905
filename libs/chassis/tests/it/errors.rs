//! `docs/errors.md` against the table of refusals.

use abacus_chassis::Reason;

const PAGE: &str = include_str!("../../../../docs/errors.md");

/// The line that stands under the heading of a reason.
fn promise(reason: Reason) -> String {
    let code = format!("{:?}", reason.code());
    let mut upper_snake = String::new();
    for letter in code.chars() {
        if letter.is_ascii_uppercase() && !upper_snake.is_empty() {
            upper_snake.push('_');
        }
        upper_snake.push(letter.to_ascii_uppercase());
    }
    let retry = match reason.retry_delay() {
        None => "do not retry".to_owned(),
        Some(delay) => format!("retry after {delay:?}"),
    };
    format!("gRPC {upper_snake}, HTTP {}, {retry}.", reason.http_status().as_u16())
}

#[test]
fn the_page_has_exactly_the_reasons_of_the_table_in_its_order() {
    let headings: Vec<_> = PAGE.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let names: Vec<_> = Reason::ALL.iter().map(|reason| reason.name()).collect();
    assert_eq!(headings, names);
}

#[test]
fn the_page_promises_what_the_table_holds_and_explains_each_reason() {
    let sections = PAGE.split("\n## ").skip(1);
    for (section, &reason) in sections.zip(Reason::ALL) {
        let lines: Vec<_> = section.lines().collect();
        assert_eq!(lines[0], reason.name());
        assert_eq!(lines[1], promise(reason), "under {}", lines[0]);
        assert_eq!(lines[2], "", "under {}", lines[0]);
        assert!(lines.get(3).is_some_and(|line| !line.is_empty()), "{} is not explained", lines[0]);
    }
}
