//! Long operands, the same for everybody.
//!
//! Their digits are drawn from a fixed seed. Rivals read them from files, which are gone at the end.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::rc::Rc;

use anyhow::Context as _;

use super::question::Question;

/// The operands that were asked for so far.
#[derive(Clone)]
pub(crate) struct Operands(Rc<Store>);

struct Store {
    folder: PathBuf,
    texts: RefCell<BTreeMap<(usize, u64), Rc<str>>>,
}

impl Operands {
    /// Operands whose files are put into this folder.
    pub(crate) fn in_folder(folder: PathBuf) -> Self {
        Self(Rc::new(Store { folder, texts: RefCell::default() }))
    }

    /// The operands of a question, in decimal digits.
    pub(crate) fn texts(&self, question: &Question) -> Vec<Rc<str>> {
        let (count, length) = question.operands();
        let mut texts = self.0.texts.borrow_mut();
        let draw =
            |place| texts.entry((place, length)).or_insert_with(|| digits(place, length).into()).clone();
        (0..count).map(draw).collect()
    }

    /// The same, in files.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(crate) fn files(&self, question: &Question) -> anyhow::Result<Vec<PathBuf>> {
        let (_, length) = question.operands();
        let mut files = Vec::new();
        for (place, text) in self.texts(question).into_iter().enumerate() {
            let file = self.0.folder.join(format!("{place}-{length}"));
            if !file.exists() {
                fs::create_dir_all(&self.0.folder)
                    .and_then(|()| fs::write(&file, &*text))
                    .with_context(|| format!("cannot write {}", file.display()))?;
            }
            files.push(file);
        }
        Ok(files)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // It may never have been made; in a folder for temporary files nothing is lost.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// This many digits, the first of them not zero, by Marsaglia's xorshift generator (Journal of Statistical Software 8,
/// 2003).
fn digits(place: usize, length: u64) -> String {
    let mut state = 0x9e37_79b9_7f4a_7c15 ^ u64::try_from(place).expect("a place among two");
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut text = (draw() % 9 + 1).to_string();
    let length = usize::try_from(length).expect("a length in memory");
    text.reserve(length + 16);
    while text.len() < length {
        // The remainder is a little more often small: that is no matter here.
        write!(text, "{:016}", draw() % 10_000_000_000_000_000).expect("a String takes any text");
    }
    text.truncate(length);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operands_have_their_length_and_differ() {
        let folder = tempfile::tempdir().unwrap();
        let operands = Operands::in_folder(folder.path().join("operands"));
        let question = Question::Product(1001);
        let texts = operands.texts(&question);
        assert_eq!(texts.iter().map(|text| text.len()).collect::<Vec<_>>(), [1001, 1001]);
        assert_ne!(texts[0], texts[1]);
        assert!(
            texts
                .iter()
                .all(|text| text.bytes().all(|digit| digit.is_ascii_digit()) && !text.starts_with('0'))
        );
        let files = operands.files(&question).unwrap();
        assert_eq!(fs::read_to_string(&files[1]).unwrap(), *texts[1]);
        drop(operands);
        assert!(!files[0].exists(), "files go with the operands");
    }
}
