//! The pages that are open: of each, the try under way and the last plan.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::base::Settings;
use crate::pipeline::Run;

/// Pages that are remembered; the one that was quiet longest is forgotten first.
const MOST: usize = 32;

/// The pages by the names that they gave themselves.
#[derive(Default)]
pub struct Tabs(Mutex<State>);

#[derive(Default)]
struct State {
    tabs: BTreeMap<String, Tab>,
    clock: u64,
    ended: bool,
}

#[derive(Default)]
struct Tab {
    used: u64,
    /// Raised to end the try under way.
    stop: Arc<AtomicBool>,
    last: Option<(Settings, Arc<Run>)>,
}

/// Ends its try when dropped: nobody reads the answer any more.
pub struct Turn(Arc<AtomicBool>);

impl Turn {
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Tabs {
    /// A new try of a page, which ends the one before.
    pub fn turn(&self, name: &str) -> Turn {
        let mut state = self.state();
        let stop = Arc::new(AtomicBool::new(state.ended));
        let tab = state.tab(name);
        let before = std::mem::replace(&mut tab.stop, Arc::clone(&stop));
        before.store(true, Ordering::Relaxed);
        Turn(stop)
    }

    /// Remembers a page's plan.
    pub fn remember(&self, name: &str, settings: &Settings, run: &Arc<Run>) {
        self.state().tab(name).last = Some((settings.clone(), Arc::clone(run)));
    }

    /// A page's plan, if its settings are these.
    pub fn last(&self, name: &str, settings: &Settings) -> Option<Arc<Run>> {
        let state = self.state();
        let (of, run) = state.tabs.get(name)?.last.as_ref()?;
        (of == settings).then(|| Arc::clone(run))
    }

    /// Ends every try, and those to come.
    pub fn stop_all(&self) {
        let mut state = self.state();
        state.ended = true;
        for tab in state.tabs.values() {
            tab.stop.store(true, Ordering::Relaxed);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tab(&mut self, name: &str) -> &mut Tab {
        self.clock += 1;
        if self.tabs.len() >= MOST
            && !self.tabs.contains_key(name)
            && let Some(oldest) =
                self.tabs.iter().min_by_key(|(_, tab)| tab.used).map(|(name, _)| name.clone())
        {
            self.tabs.remove(&oldest);
        }
        let tab = self.tabs.entry(name.to_owned()).or_default();
        tab.used = self.clock;
        tab
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_try_of_a_page_ends_the_one_before_and_no_other_page() {
        let tabs = Tabs::default();
        let (first, other) = (tabs.turn("a"), tabs.turn("b"));
        let raised = |turn: &Turn| turn.0.load(Ordering::Relaxed);
        assert!(!raised(&first));
        let second = tabs.turn("a");
        assert!(raised(&first) && !raised(&second) && !raised(&other));
        let flag = second.flag();
        drop(second);
        assert!(flag.load(Ordering::Relaxed), "nobody reads it any more");
        tabs.stop_all();
        assert!(raised(&other) && raised(&tabs.turn("c")));
    }

    #[test]
    fn quiet_pages_are_forgotten() {
        let tabs = Tabs::default();
        for at in 0..3 * MOST {
            tabs.turn(&at.to_string());
        }
        assert_eq!(tabs.state().tabs.len(), MOST);
    }
}
