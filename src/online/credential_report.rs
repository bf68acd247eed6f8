//! The credential report, which alone tells others than the primary account whether that has keys of its own. In: a client.
//! Out: its pages, each as a file that an import takes.

use std::thread::sleep;

use super::calls::{MAKE_REPORT, REPORT};
use super::client::{Client, Paged, Service, bytes, text};
use super::pace::Waits;

impl Client {
    /// Has the credential report made, which takes a while. None is made within four hours of another.
    ///
    /// # Errors
    ///
    /// Why it is not.
    pub fn make_report(&self) -> Result<(), String> {
        self.ask(Service::Ims, MAKE_REPORT, &[]).map(drop).map_err(|unanswered| unanswered.why)
    }

    /// The pages of the credential report, which is waited for if it is being `made`; otherwise those of an older one.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub fn report(&self, made: Result<(), String>) -> Result<Vec<Vec<u8>>, String> {
        let mut waits = Waits::new(self.patience());
        while made.is_ok() {
            let state = self.ask(Service::Ims, MAKE_REPORT, &[]).map_err(|unanswered| unanswered.why)?;
            if !matches!(text(&state["State"]), "STARTED" | "INPROGRESS") {
                break;
            }
            sleep(waits.next().ok_or("it is still being made: pull again in some minutes")?);
        }
        self.report_pages().map_err(|why| match made {
            Ok(()) => why,
            Err(not_made) => format!("{not_made}; {why}"),
        })
    }

    fn report_pages(&self) -> Result<Vec<Vec<u8>>, String> {
        let mut report = Vec::new();
        let pages = Paged {
            service: Service::Ims,
            action: REPORT,
            given: &[],
            size: ("MaxItems", "3501"),
            next: "NextToken",
            enough: None,
        };
        let asked = self.pages(pages, |page| {
            report.push(bytes(&page));
            Ok(())
        });
        asked.map(|()| report).map_err(|unanswered| unanswered.why)
    }
}
