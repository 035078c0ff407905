//! A list of primes from one format to another, as a stream.

use abacus_arithmetic::{GapDecoder, GapEncoder, InvalidGaps};

use super::{
    Format,
    bitmap::Bitmap,
    lines::{Lines, Reader},
    transcoder::TranscodeError,
};

/// A list on its way. Whatever the input is, it is told as damaged unless it ascends within its interval.
#[derive(Debug)]
pub(super) struct Primes {
    source: Source,
    sink: Sink,
}

/// How primes come.
#[derive(Debug)]
enum Source {
    Lines(Reader),
    Gaps(GapDecoder),
}

/// How primes go.
#[derive(Debug)]
struct Sink {
    form: Form,
    start: u64,
    end: u64,
    latest: Option<u64>,
}

#[derive(Debug)]
enum Form {
    Lines(Lines),
    Gaps(GapEncoder),
    Bitmap(Bitmap),
}

impl Primes {
    /// A list in the first of these formats, of the primes of this interval (both ends included), on its way to the
    /// second one; `None` when that is no way. The interval is empty when its end comes before its start.
    pub(super) fn new((from, to): (Format, Format), (start, end): (u64, u64)) -> Option<Self> {
        let source = match from {
            Format::Values => Source::Lines(Reader::default()),
            Format::Gaps => Source::Gaps(GapDecoder::new(start)),
            _ => return None,
        };
        let form = match to {
            Format::Values => Form::Lines(Lines::default()),
            Format::Gaps => Form::Gaps(GapEncoder::new(start)),
            Format::Bitmap => Form::Bitmap(Bitmap::new(start, end)),
            _ => return None,
        };
        Some(Self { source, sink: Sink { form, start, end, latest: None } })
    }

    /// Takes the next part of the list; gives the bytes that no later part can change.
    pub(super) fn push(&mut self, list: &[u8]) -> Result<Vec<u8>, TranscodeError> {
        let (sink, mut written) = (&mut self.sink, Vec::new());
        match &mut self.source {
            Source::Lines(reader) => reader.push(list, &mut |prime| sink.push(prime, &mut written))?,
            Source::Gaps(decoder) => {
                let mut primes = Vec::new();
                decoder.decode(list, &mut primes).map_err(damaged)?;
                primes.iter().try_for_each(|prime| sink.push(*prime, &mut written))?;
            }
        }
        Ok(written)
    }

    /// The rest, after the last part.
    pub(super) fn finish(self) -> Result<Vec<u8>, TranscodeError> {
        match self.source {
            Source::Lines(reader) => reader.finish()?,
            Source::Gaps(decoder) => decoder.finish().map_err(damaged)?,
        }
        match self.sink.form {
            Form::Bitmap(bitmap) => bitmap.finish(),
            Form::Lines(_) | Form::Gaps(_) => Ok(Vec::new()),
        }
    }
}

impl Sink {
    fn push(&mut self, prime: u64, written: &mut Vec<u8>) -> Result<(), TranscodeError> {
        let ascends = self.latest.is_none_or(|latest| latest < prime);
        if !ascends || prime < self.start || prime > self.end {
            return Err(TranscodeError::Damaged("the integers do not ascend within the interval"));
        }
        if prime < 2 || (prime != 2 && prime.is_multiple_of(2)) {
            return Err(TranscodeError::Damaged("a listed integer is not prime"));
        }
        self.latest = Some(prime);
        match &mut self.form {
            Form::Lines(lines) => lines.push(prime, written),
            Form::Gaps(encoder) => encoder.encode(&[prime], written),
            Form::Bitmap(bitmap) => bitmap.mark(prime, written)?,
        }
        Ok(())
    }
}

fn damaged(_: InvalidGaps) -> TranscodeError {
    TranscodeError::Damaged("these are no gaps between primes below 2^64")
}

#[cfg(test)]
mod tests {
    use abacus_arithmetic::is_prime;
    use proptest::prelude::*;

    use super::*;

    fn list(start: u64, end: u64) -> String {
        (start..=end).filter(|n| is_prime(*n)).flat_map(|prime| [prime.to_string(), "\n".into()]).collect()
    }

    /// The bitmap by its definition.
    fn model(start: u64, end: u64) -> Vec<u8> {
        let bit = |base: u64, remainder: u64| {
            let integer = base.checked_add(remainder);
            integer.is_some_and(|integer| (start..=end).contains(&integer) && is_prime(integer))
        };
        (start / 30..=end / 30)
            .map(|index| {
                let remainders = [1, 7, 11, 13, 17, 19, 23, 29].into_iter().enumerate();
                remainders.map(|(at, remainder)| u8::from(bit(30 * index, remainder)) << at).sum()
            })
            .collect()
    }

    /// A list in pieces, rewritten.
    fn rewritten(
        formats: (Format, Format),
        (start, end): (u64, u64),
        pieces: &[&[u8]],
    ) -> Result<Vec<u8>, TranscodeError> {
        let mut primes = Primes::new(formats, (start, end)).unwrap();
        let mut bytes = Vec::new();
        for piece in pieces {
            bytes.extend(primes.push(piece)?);
        }
        bytes.extend(primes.finish()?);
        Ok(bytes)
    }

    fn bitmap(start: u64, end: u64, pieces: &[&[u8]]) -> Result<Vec<u8>, TranscodeError> {
        rewritten((Format::Values, Format::Bitmap), (start, end), pieces)
    }

    fn intervals() -> impl Strategy<Value = (u64, u64)> {
        let starts = prop_oneof![
            0_u64..100,
            1_000_000_u64..1_000_100,
            Just(i64::MAX.cast_unsigned() - 2000),
            Just(u64::MAX - 2500),
        ];
        (starts, 0_u64..2000).prop_map(|(start, length)| (start, start + length))
    }

    fn pieces<'a>(list: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(list.len() + 1)).collect();
        cuts.sort_unstable();
        cuts.push(list.len());
        let mut from = 0;
        cuts.iter().map(|cut| &list[std::mem::replace(&mut from, *cut)..*cut]).collect()
    }

    #[test]
    fn gaps_are_halved_but_the_first() {
        for (interval, list, gaps) in [
            ((0, 12), "2\n3\n5\n7\n11\n", &[2, 1, 1, 1, 2][..]),
            ((4, 12), "5\n7\n11\n", &[1, 1, 2]),
            ((1000, 1020), "1009\n1013\n1019\n", &[9, 2, 3]),
            ((24, 28), "", &[]),
            (
                (1_425_172_824_437_699_000, 1_425_172_824_437_700_900),
                "1425172824437699411\n1425172824437700887\n",
                &[0x9b, 0x03, 0xe2, 0x05],
            ),
        ] {
            let told = rewritten((Format::Values, Format::Gaps), interval, &[list.as_bytes()]);
            assert_eq!(told, Ok(gaps.to_vec()), "{list}");
            let told = rewritten((Format::Gaps, Format::Values), interval, &[gaps]);
            assert_eq!(told, Ok(list.into()), "{list}");
        }
    }

    #[test]
    fn other_ways_do_not_exist() {
        for formats in
            [(Format::Bitmap, Format::Values), (Format::Values, Format::Hex), (Format::Text, Format::Gaps)]
        {
            assert!(Primes::new(formats, (0, 9)).is_none(), "{formats:?}");
        }
    }

    #[test]
    fn the_first_byte_holds_the_primes_below_30() {
        assert_eq!(bitmap(0, 29, &[b"2\n3\n5\n7\n11\n13\n17\n19\n23\n29\n"]), Ok(vec![0b1111_1110]));
        assert_eq!(bitmap(0, 5, &[b"2\n3\n5\n"]), Ok(vec![0]));
        assert_eq!(bitmap(0, 0, &[]), Ok(vec![0]));
        assert_eq!(bitmap(114, 126, &[]), Ok(vec![0, 0]));
        assert_eq!(bitmap(9, 8, &[]), Ok(vec![]));
    }

    #[test]
    fn damage_is_told() {
        for (damaged, told) in [
            (&b"2\n3"[..], "no end"),
            (b"2\n\n3\n", "decimal"),
            (b"02\n", "decimal"),
            (b"2 3\n", "decimal"),
            (b"\xff", "decimal"),
            (b"3\n2\n", "ascend"),
            (b"3\n3\n", "ascend"),
            (b"2\n101\n", "ascend"),
            (b"1\n", "not prime"),
            (b"2\n9\n", "not prime"),
            (b"2\n4\n", "not prime"),
            (b"99999999999999999999\n", "2^64"),
        ] {
            let error = bitmap(0, 100, &[damaged]).unwrap_err();
            assert!(error.to_string().contains(told), "{damaged:?}: {error}");
        }
        assert!(bitmap(50, 100, &[b"47\n"]).is_err(), "before the interval");
    }

    #[test]
    fn a_huge_interval_cannot_be_filled_from_little_input() {
        let missing = Err(TranscodeError::Damaged("primes are missing"));
        assert_eq!(bitmap(0, u64::MAX, &[]), missing);
        assert_eq!(bitmap(0, u64::MAX, &[b"2\n18446744073709551557\n"]), missing);
        assert_eq!(bitmap(0, 10_000, &[b"2\n3\n5\n"]), missing);
    }

    proptest! {
        #[test]
        fn bitmaps_are_those_of_the_definition((start, end) in intervals(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8)) {
            let list = list(start, end).into_bytes();
            prop_assert_eq!(bitmap(start, end, &pieces(&list, &cuts)), Ok(model(start, end)));
        }

        #[test]
        fn each_format_leads_to_each((start, end) in intervals(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8)) {
            let (list, bitmap, way) = (list(start, end).into_bytes(), model(start, end), |from, to, list: &[u8]| {
                rewritten((from, to), (start, end), &pieces(list, &cuts))
            });
            let gaps = way(Format::Values, Format::Gaps, &list).unwrap();
            prop_assert_eq!(way(Format::Gaps, Format::Gaps, &gaps), Ok(gaps.clone()));
            prop_assert_eq!(way(Format::Gaps, Format::Values, &gaps), Ok(list));
            prop_assert_eq!(way(Format::Gaps, Format::Bitmap, &gaps), Ok(bitmap));
        }

        #[test]
        fn no_gaps_make_it_panic_or_grow(start in prop_oneof![0_u64..100, any::<u64>()], length in any::<u64>(), input in prop::collection::vec(any::<u8>(), 0..60)) {
            for (to, most) in [(Format::Values, 21), (Format::Gaps, 10), (Format::Bitmap, 54)] {
                let interval = (start, start.saturating_add(length));
                if let Ok(bytes) = rewritten((Format::Gaps, to), interval, &[&input]) {
                    prop_assert!(bytes.len() <= most * (input.len() + 1));
                }
            }
        }

        #[test]
        fn no_input_makes_it_panic_or_grow(start in 0_u64..100, length in any::<u64>(), input in prop::collection::vec(prop_oneof![b'0'..=b'9', Just(b'\n'), any::<u8>()], 0..60)) {
            if let Ok(bytes) = bitmap(start, start.saturating_add(length), &[&input]) {
                prop_assert!(bytes.len() <= 54 * (input.len() / 2 + 1) + 1);
            }
        }
    }
}
