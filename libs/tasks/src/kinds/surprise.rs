//! A well-known melody, to be recognised.
//!
//! Every melody is a folk song or by a composer who died more than a hundred years ago, written down as melody only.
//! The result does not say which it is.

use std::time::Duration;

use abacus_api::v1::{self, task};

use super::{
    Content, Description, Kind,
    kernel::{length, unless_broken},
};
use crate::{Cost, Limits, Run, Size, Stop, Violations};

/// The melodies; a length of 1 is a quarter note. The order is part of the contract: `first` counts in it.
const MELODIES: [&str; 8] = [
    // Beethoven, Symphony No. 9 (1824), theme of the last movement.
    "E4:1 E4:1 F4:1 G4:1 G4:1 F4:1 E4:1 D4:1 C4:1 C4:1 D4:1 E4:1 E4:1.5 D4:0.5 D4:2 \
     E4:1 E4:1 F4:1 G4:1 G4:1 F4:1 E4:1 D4:1 C4:1 C4:1 D4:1 E4:1 D4:1.5 C4:0.5 C4:2",
    // "Ah! vous dirai-je, maman", French, printed in 1761.
    "C4:1 C4:1 G4:1 G4:1 A4:1 A4:1 G4:2 F4:1 F4:1 E4:1 E4:1 D4:1 D4:1 C4:2 \
     G4:1 G4:1 F4:1 F4:1 E4:1 E4:1 D4:2 G4:1 G4:1 F4:1 F4:1 E4:1 E4:1 D4:2 \
     C4:1 C4:1 G4:1 G4:1 A4:1 A4:1 G4:2 F4:1 F4:1 E4:1 E4:1 D4:1 D4:1 C4:2",
    // "Frère Jacques", French, 18th century.
    "C4:1 D4:1 E4:1 C4:1 C4:1 D4:1 E4:1 C4:1 E4:1 F4:1 G4:2 E4:1 F4:1 G4:2 \
     G4:0.5 A4:0.5 G4:0.5 F4:0.5 E4:1 C4:1 G4:0.5 A4:0.5 G4:0.5 F4:0.5 E4:1 C4:1 \
     C4:1 G3:1 C4:2 C4:1 G3:1 C4:2",
    // Beethoven, Bagatelle in A minor WoO 59 (1810), the upper voice.
    "E5:0.25 D#5:0.25 E5:0.25 D#5:0.25 E5:0.25 B4:0.25 D5:0.25 C5:0.25 A4:0.5 R:0.25 \
     C4:0.25 E4:0.25 A4:0.25 B4:0.5 R:0.25 E4:0.25 G#4:0.25 B4:0.25 C5:0.5 R:0.25 \
     E4:0.25 E5:0.25 D#5:0.25 E5:0.25 D#5:0.25 E5:0.25 B4:0.25 D5:0.25 C5:0.25 A4:0.5 R:0.25 \
     C4:0.25 E4:0.25 A4:0.25 B4:0.5 R:0.25 E4:0.25 C5:0.25 B4:0.25 A4:1",
    // J. Pierpont (died 1893), "The One Horse Open Sleigh" (1857), the chorus as it is sung.
    "E4:1 E4:1 E4:2 E4:1 E4:1 E4:2 E4:1 G4:1 C4:1.5 D4:0.5 E4:4 \
     F4:1 F4:1 F4:1.5 F4:0.5 F4:1 E4:1 E4:1 E4:0.5 E4:0.5 E4:1 D4:1 D4:1 E4:1 D4:2 G4:2 \
     E4:1 E4:1 E4:2 E4:1 E4:1 E4:2 E4:1 G4:1 C4:1.5 D4:0.5 E4:4 \
     F4:1 F4:1 F4:1.5 F4:0.5 F4:1 E4:1 E4:1 E4:0.5 E4:0.5 G4:1 G4:1 F4:1 D4:1 C4:4",
    // "Greensleeves", English, 16th century.
    "A4:1 C5:2 D5:1 E5:1.5 F#5:0.5 E5:1 D5:2 B4:1 G4:1.5 A4:0.5 B4:1 \
     C5:2 A4:1 A4:1.5 G#4:0.5 A4:1 B4:2 G#4:1 E4:2 \
     A4:1 C5:2 D5:1 E5:1.5 F#5:0.5 E5:1 D5:2 B4:1 G4:1.5 A4:0.5 B4:1 \
     C5:1.5 B4:0.5 A4:1 G#4:1.5 F#4:0.5 G#4:1 A4:5",
    // "Auld Lang Syne", Scottish, printed in 1799.
    "C4:1 F4:1.5 F4:0.5 F4:1 A4:1 G4:1.5 F4:0.5 G4:1 A4:1 F4:1.5 F4:0.5 A4:1 C5:1 D5:3 \
     D5:1 C5:1.5 A4:0.5 A4:1 F4:1 G4:1.5 F4:0.5 G4:1 A4:1 F4:1.5 D4:0.5 D4:1 C4:1 F4:3",
    // Grieg (died 1907), Peer Gynt, op. 23 (1875), the scene in the troll king's hall.
    "B2:0.5 C#3:0.5 D3:0.5 E3:0.5 F#3:0.5 D3:0.5 F#3:1 E#3:0.5 C#3:0.5 E#3:1 E3:0.5 C3:0.5 E3:1 \
     B2:0.5 C#3:0.5 D3:0.5 E3:0.5 F#3:0.5 D3:0.5 F#3:0.5 B3:0.5 A3:0.5 F#3:0.5 D3:0.5 F#3:0.5 A3:2",
];

impl Kind for v1::Surprise {
    const DESCRIPTION: Description = Description {
        name: "surprise",
        summary: "A well-known melody, to be recognised.",
        limits: &[],
        example: || v1::Task { task: Some(task::Task::Surprise(v1::Surprise { first: 1 })) },
    };

    fn check(&mut self, _: &Limits, _: &mut Violations) {
        self.first %= u32::try_from(MELODIES.len()).expect("a few melodies");
    }

    fn content(&self) -> Content {
        Content::Text
    }

    fn cost(&self) -> Cost {
        let result_bytes = length(melody(self.first).as_bytes());
        Cost { compute: Duration::from_micros(1), result_bytes, memory_bytes: 1 << 20 }
    }

    fn run(&self, run: &mut dyn Run) -> Result<Size, Stop> {
        let melody = melody(self.first);
        unless_broken(run.report(0.0, "humming"))?;
        unless_broken(run.write(melody.as_bytes()))?;
        unless_broken(run.report(1.0, "humming"))?;
        let notes = melody.split(' ').filter(|note| !note.starts_with('R')).count();
        Ok(Size::Count(u64::try_from(notes).expect("a short melody")))
    }
}

/// The melody of this number.
fn melody(first: u32) -> &'static str {
    let first = usize::try_from(first).expect("32 bits fit");
    MELODIES[first % MELODIES.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kinds::trial;

    fn task(first: u32) -> task::Task {
        task::Task::Surprise(v1::Surprise { first })
    }

    /// Semitones above C0 (none for a rest) and the length in sixteenths, read by the contract's grammar.
    fn parse(item: &str) -> (Option<i32>, u32) {
        let (name, beats) = item.split_once(':').unwrap_or_else(|| panic!("no length in {item}"));
        let lengths =
            [("0.25", 1), ("0.5", 2), ("1", 4), ("1.5", 6), ("2", 8), ("3", 12), ("4", 16), ("5", 20)];
        let (_, length) = lengths.into_iter().find(|(text, _)| *text == beats).unwrap();
        if name == "R" {
            return (None, length);
        }
        let mut characters = name.chars();
        let letter = characters.next().unwrap();
        let natural = [('C', 0), ('D', 2), ('E', 4), ('F', 5), ('G', 7), ('A', 9), ('B', 11)];
        let (_, semitones) = natural.into_iter().find(|(name, _)| *name == letter).unwrap();
        let rest = characters.as_str();
        let (accidental, octave) = match rest.strip_prefix('#') {
            Some(octave) => (1, octave),
            None => (0, rest),
        };
        (Some(semitones + accidental + 12 * octave.parse::<i32>().unwrap()), length)
    }

    fn notes(first: u32) -> Vec<(Option<i32>, u32)> {
        trial::compute(task(first)).0.split(' ').map(parse).collect()
    }

    #[test]
    fn each_melody_begins_with_its_intervals() {
        let openings: [&[i32]; 8] = [
            &[0, 1, 2, 0, -2, -1, -2, -2, 0, 2, 2, 0, -2, 0],
            &[0, 7, 0, 2, 0, -2, -2, 0, -1, 0, -2, 0, -2],
            &[2, 2, -4, 0, 2, 2, -4, 4, 1, 2],
            &[-1, 1, -1, 1, -5, 3, -2, -3, -9, 4, 5, 2],
            &[0, 0, 0, 0, 0, 0, 3, -7, 2, 2],
            &[3, 2, 2, 2, -2, -2, -3, -4, 2, 2, 1, -3],
            &[5, 0, 0, 4, -2, -2, 2, 2, -4, 0, 4, 3, 2],
            &[2, 1, 2, 2, -4, 4, -1, -4, 4, -1, -4, 4],
        ];
        for (first, opening) in (0..).zip(openings) {
            let pitches: Vec<_> = notes(first).into_iter().filter_map(|(pitch, _)| pitch).collect();
            let intervals: Vec<_> = pitches.windows(2).map(|pair| pair[1] - pair[0]).collect();
            assert!(intervals.starts_with(opening), "melody {first}: {intervals:?}");
        }
    }

    #[test]
    fn each_melody_fills_its_bars() {
        // Sixteenths in a bar, and the number of bars; an upbeat is taken from the last one.
        let metres = [(16, 8), (16, 12), (16, 8), (6, 8), (16, 16), (12, 16), (16, 8), (16, 4)];
        for (first, (bar, bars)) in (0..).zip(metres) {
            let whole: u32 = notes(first).iter().map(|(_, length)| length).sum();
            assert_eq!(whole, bar * bars, "melody {first}");
        }
    }

    #[test]
    fn each_melody_is_long_enough_to_be_known_and_can_be_sung() {
        for first in 0..8 {
            let (text, size) = trial::compute(task(first));
            let pitches: Vec<_> = notes(first).into_iter().filter_map(|(pitch, _)| pitch).collect();
            assert!((20..=60).contains(&pitches.len()), "melody {first}: {}", pitches.len());
            assert_eq!(size, Size::Count(u64::try_from(pitches.len()).unwrap()), "rests are no notes");
            let compass = pitches.iter().max().unwrap() - pitches.iter().min().unwrap();
            assert!(compass <= 24, "melody {first} spans {compass} semitones");
            assert!(text.is_ascii() && !text.contains("  "));
        }
    }

    #[test]
    fn it_stops_at_any_call() {
        trial::interrupt_everywhere(task(3));
    }

    proptest! {
        #[test]
        fn first_counts_round_and_round(first in 0..u32::MAX - 8) {
            let job = |first| trial::check(task(first)).unwrap().job().clone();
            prop_assert_eq!(job(first), job(first + 8));
            prop_assert_eq!(job(first), job(first % 8));
            prop_assert_ne!(job(first), job(first + 1));
        }
    }
}
