//! A B A B: each question is put to all in turn, round after round.

use anyhow::{Context as _, bail};

use super::contestant::{Contestant, Laps, Role, Sample};
use super::suite::Row;
use crate::output::note;
use crate::statistics::{median, median_ratio, significant};
use crate::stopwatch::Lap;

/// A question is repeated within a round until it has taken about this long, in seconds.
const ROUND: f64 = 0.1;

/// What takes longer, in seconds, has at most [`FEW`] rounds.
const LONG: f64 = 2.0;
const FEW: u32 = 3;

/// Who takes part.
pub(crate) struct Field {
    contestants: Vec<Box<dyn Contestant>>,
    rounds: u32,
    /// Who was left out, and why.
    pub(crate) absent: Vec<String>,
}

/// What one question took everybody who answered it.
pub(crate) struct Outcome {
    pub(crate) row: Row,
    pub(crate) entries: Vec<Entry>,
}

/// What one question took one of them.
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) role: Role,
    /// One of each round.
    pub(crate) laps: Vec<Laps>,
}

/// Somebody who answers this question, while it is asked.
struct Turn {
    contestant: usize,
    repeats: u32,
    entry: Entry,
}

impl Field {
    /// Those who are sure to be there, and how many rounds there are.
    pub(crate) fn new(contestants: Vec<Box<dyn Contestant>>, rounds: u32) -> Self {
        Self { contestants, rounds, absent: Vec::new() }
    }

    /// Lets somebody in, or notes why not.
    pub(crate) fn admit(&mut self, name: &str, started: anyhow::Result<Box<dyn Contestant>>) {
        match started {
            Ok(contestant) => self.contestants.push(contestant),
            Err(error) => self.leave_out(format!("{name} is left out: {error:#}")),
        }
    }

    /// The names of all, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.contestants.iter().map(|contestant| contestant.name())
    }

    /// Asks everybody, or only ours; `None` when nobody answers.
    ///
    /// # Errors
    /// When one of ours breaks down, or an answer is wrong.
    pub(crate) fn ask(&mut self, row: &Row, everybody: bool) -> anyhow::Result<Option<Outcome>> {
        let label = row.question.label();
        let mut turns = self.warm_up(row, everybody)?;
        let Some(longest) = turns.iter().map(|turn| turn.entry.laps[0].total().wall).reduce(f64::max) else {
            note(&format!("{label}: nobody answers"));
            return Ok(None);
        };
        let rounds = if longest > LONG { self.rounds.min(FEW) } else { self.rounds };
        for turn in &mut turns {
            turn.entry.laps.clear();
        }
        for _ in 0..rounds {
            for turn in &mut turns {
                let answered = self.contestants[turn.contestant].answer(&row.question, turn.repeats);
                let sample = answered.with_context(|| format!("{}: {label}", turn.entry.name))?;
                let sample = sample.with_context(|| format!("{}: {label} is declined", turn.entry.name))?;
                turn.entry.laps.push(sample.laps);
            }
        }
        let outcome =
            Outcome { row: row.clone(), entries: turns.into_iter().map(|turn| turn.entry).collect() };
        note(&format!("{label}: {}", outcome.line()));
        Ok(Some(outcome))
    }

    /// Asks once, to see who answers, whether rightly, and how long it takes.
    fn warm_up(&mut self, row: &Row, everybody: bool) -> anyhow::Result<Vec<Turn>> {
        let label = row.question.label();
        let mut known = row.answer.map(|answer| ("the known answer".to_owned(), answer.to_owned()));
        let mut turns = Vec::new();
        let mut broken = Vec::new();
        for (index, contestant) in self.contestants.iter_mut().enumerate() {
            let role = contestant.role();
            if role == Role::Rival && !everybody {
                continue;
            }
            let name = contestant.name().to_owned();
            match contestant.answer(&row.question, 1) {
                Ok(None) => {}
                Ok(Some(Sample { laps, answer })) => {
                    let (other, right) = known.get_or_insert_with(|| (name.clone(), answer.clone()));
                    if answer != *right {
                        bail!("{label}: {name} says {answer}, {other} is {right}");
                    }
                    let repeats = repeats(laps.total());
                    turns.push(Turn {
                        contestant: index,
                        repeats,
                        entry: Entry { name, role, laps: vec![laps] },
                    });
                }
                Err(error) if role == Role::Rival => {
                    broken.push((index, format!("{name} broke down at {label}: {error:#}")));
                }
                Err(error) => return Err(error.context(format!("{name}: {label}"))),
            }
        }
        let anyone_broke = !broken.is_empty();
        for (index, fault) in broken.into_iter().rev() {
            drop(self.contestants.remove(index));
            self.leave_out(fault);
        }
        // The places have moved.
        if anyone_broke { self.warm_up(row, everybody) } else { Ok(turns) }
    }

    fn leave_out(&mut self, fault: String) {
        note(&fault);
        self.absent.push(fault);
    }
}

/// How often something that takes this long is repeated within a round.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 1000")]
fn repeats(lap: Lap) -> u32 {
    (ROUND / lap.wall.max(1e-9)).clamp(1.0, 1000.0) as u32
}

impl Outcome {
    /// The entry whom all others are compared with.
    pub(crate) fn reference(&self) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.role == Role::Reference)
    }

    /// The entry of this name, or whose name begins so and has its version behind it.
    pub(crate) fn entry(&self, name: &str) -> Option<&Entry> {
        let is_it = |entry: &&Entry| {
            entry.name.strip_prefix(name).is_some_and(|rest| {
                rest.is_empty()
                    || rest
                        .strip_prefix(' ')
                        .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
            })
        };
        self.entries.iter().find(is_it)
    }

    /// The totals, in milliseconds, in a line.
    fn line(&self) -> String {
        let figure = |entry: &Entry| {
            let time = significant(1e3 * entry.median(|laps| laps.total().wall).unwrap_or(f64::NAN));
            format!("{} {time} ms", entry.name)
        };
        self.entries.iter().map(figure).collect::<Vec<_>>().join("; ")
    }
}

impl Entry {
    /// The median of what this says of the rounds.
    pub(crate) fn median(&self, time: impl Fn(&Laps) -> f64) -> Option<f64> {
        median(self.laps.iter().map(time))
    }

    /// The median, over the rounds, of what part of the other's time this one takes.
    pub(crate) fn ratio(&self, other: &Self, time: impl Fn(&Laps) -> f64) -> Option<f64> {
        median_ratio(self.laps.iter().zip(&other.laps).map(|(one, two)| (time(one), time(two))))
    }
}

#[cfg(test)]
mod tests {
    use super::super::question::Question;
    use super::super::suite::Size;
    use super::*;

    /// Somebody who always takes the same time.
    struct Steady {
        name: &'static str,
        role: Role,
        seconds: f64,
        answers: Vec<anyhow::Result<&'static str>>,
    }

    impl Contestant for Steady {
        fn name(&self) -> &str {
            self.name
        }

        fn role(&self) -> Role {
            self.role
        }

        fn answer(&mut self, _: &Question, _: u32) -> anyhow::Result<Option<Sample>> {
            let answer = if self.answers.len() > 1 {
                self.answers.remove(0)
            } else {
                self.answers[0].as_ref().map(|answer| *answer).map_err(|error| anyhow::anyhow!("{error}"))
            };
            let compute = Lap { wall: self.seconds, cpu: self.seconds };
            Ok(Some(Sample { laps: Laps { compute, digits: None }, answer: answer?.to_owned() }))
        }
    }

    fn steady(
        name: &'static str,
        role: Role,
        seconds: f64,
        answer: anyhow::Result<&'static str>,
    ) -> Box<dyn Contestant> {
        Box::new(Steady { name, role, seconds, answers: vec![answer] })
    }

    fn row() -> Row {
        Row { question: Question::Pi(10), size: Size::Quick, answer: None, targets: Vec::new() }
    }

    #[test]
    fn everybody_is_asked_in_each_round() {
        let ours = steady("Abacus", Role::Reference, 0.25, Ok("4"));
        let theirs = steady("Rival 1.0", Role::Rival, 0.5, Ok("4"));
        let mut field = Field::new(vec![ours, theirs], 5);
        let outcome = field.ask(&row(), true).unwrap().unwrap();
        assert_eq!(outcome.entries.iter().map(|entry| entry.laps.len()).collect::<Vec<_>>(), [5, 5]);
        let (ours, theirs) = (outcome.reference().unwrap(), outcome.entry("Rival").unwrap());
        assert_eq!(ours.ratio(theirs, |laps| laps.total().wall), Some(0.5));
        assert!(outcome.entry("Riv").is_none());
        let alone = field.ask(&row(), false).unwrap().unwrap();
        assert_eq!(alone.entries.len(), 1);
    }

    #[test]
    fn what_takes_long_has_few_rounds() {
        let mut field = Field::new(vec![steady("Abacus", Role::Reference, 3.0, Ok("4"))], 5);
        assert_eq!(field.ask(&row(), true).unwrap().unwrap().entries[0].laps.len(), 3);
        assert_eq!(repeats(Lap { wall: 3.0, cpu: 3.0 }), 1);
        assert_eq!(repeats(Lap { wall: 0.01, cpu: 0.0 }), 10);
        assert_eq!(repeats(Lap::default()), 1000);
    }

    #[test]
    fn a_wrong_answer_ends_the_measurement() {
        let ours = steady("Abacus", Role::Reference, 0.25, Ok("4"));
        let theirs = steady("Rival 1.0", Role::Rival, 0.5, Ok("5"));
        let error = Field::new(vec![ours, theirs], 5).ask(&row(), true).err().unwrap();
        assert_eq!(error.to_string(), "pi(10): Rival 1.0 says 5, Abacus is 4");
    }

    #[test]
    fn a_rival_that_breaks_down_is_left_out() {
        let ours = steady("Abacus", Role::Reference, 0.25, Ok("4"));
        let theirs = steady("Rival 1.0", Role::Rival, 0.5, Err(anyhow::anyhow!("out of memory")));
        let mut field = Field::new(vec![ours, theirs], 5);
        assert_eq!(field.ask(&row(), true).unwrap().unwrap().entries.len(), 1);
        assert_eq!(field.absent, ["Rival 1.0 broke down at pi(10): out of memory"]);
    }

    #[test]
    fn without_ours_there_is_no_result() {
        let ours = steady("Abacus", Role::Reference, 0.25, Err(anyhow::anyhow!("interrupted")));
        assert!(Field::new(vec![ours], 5).ask(&row(), true).is_err());
    }
}
