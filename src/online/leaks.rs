//! The keys that Security Center has seen leaked. In: a client. Out: pages of them, each as a file that an import takes.

use super::calls::LEAKS;
use super::client::{Client, MOST_PAGES, Service, bytes};

impl Client {
    /// Asks for the leaks; `keep` gets each page.
    ///
    /// # Errors
    ///
    /// Why these are not all.
    pub fn leaks(&self, mut keep: impl FnMut(Vec<u8>)) -> Result<(), String> {
        let mut told = 0;
        for number in 1..=MOST_PAGES {
            let number = number.to_string();
            let given = [("CurrentPage", number.as_str()), ("PageSize", "100")];
            let page = self.ask(Service::SecurityCenter, LEAKS, &given).map_err(|unanswered| unanswered.why)?;
            let (Some(leaks), Some(all)) = (page["AccessKeyLeakList"].as_array(), page["TotalCount"].as_u64()) else {
                return Err(format!("{LEAKS}: an answer without its list"));
            };
            told += leaks.len() as u64;
            let is_last = leaks.is_empty() || told >= all;
            keep(bytes(&page));
            if is_last {
                return Ok(());
            }
        }
        Err(format!("{LEAKS}: its pages have no end"))
    }
}
