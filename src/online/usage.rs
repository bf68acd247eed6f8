//! What keys are used with, as `ActionTrail` knows it: the products, and of each the calls, the addresses they came from and
//! the resources they were about. In: a key. Out: answers, after the key that each is about.

use serde_json::{Value, json};

use super::calls::{EVENTS, IPS, PRODUCTS, Part, RESOURCES};
use super::client::{Client, Paged, Service, text};
use super::keys::Keys;
use super::refusal::Unanswered;
use super::trying::Trying;

/// So many pages of a hundred are asked for, of each list. An inventory keeps two hundred of each kind.
const ENOUGH: usize = 5;

/// The questions, and whether it is any use to put them.
pub(super) struct Usage {
    products: Trying,
    lists: [(&'static str, &'static str, Trying); 3],
}

impl Default for Usage {
    fn default() -> Self {
        let list = |action, what| (action, what, Trying::all_alike());
        Self {
            products: Trying::all_alike(),
            lists: [list(EVENTS, "the calls"), list(IPS, "the addresses"), list(RESOURCES, "the resources")],
        }
    }
}

impl Usage {
    /// Asks what a key is used with.
    pub(super) fn of(&self, client: &Client, id: &str, keys: &mut Keys) {
        let key = ("AccessKey", id);
        let products = self.products.ask(|| client.ask(Service::ActionTrail, PRODUCTS, &[key]));
        let services: Vec<String> = match products {
            Ok(products) => {
                let all = products["Products"].as_array().into_iter().flatten();
                let services = all.map(|product| text(&product["ServiceName"]).to_owned()).collect();
                keys.tell(id, products);
                services
            }
            Err(unanswered) => return lack("the products", id, &unanswered, keys),
        };
        for service in services.iter().filter(|service| !service.is_empty()) {
            for (action, what, trying) in &self.lists {
                let pages = Paged {
                    service: Service::ActionTrail,
                    action,
                    given: &[key, ("ServiceName", service)],
                    size: ("PageSize", "100"),
                    next: "NextToken",
                    enough: Some(ENOUGH),
                };
                let asked = trying.ask(|| client.pages(pages, |page| keep(page, service, id, keys)));
                asked.unwrap_or_else(|unanswered| lack(what, id, &unanswered, keys));
            }
        }
    }
}

/// Keeps a page, with the product that was asked about: the answer itself does not name it.
fn keep(page: Value, service: &str, id: &str, keys: &mut Keys) -> Result<(), String> {
    let Value::Object(mut members) = page else { return Err("an answer that is none".to_owned()) };
    members.insert("ServiceName".to_owned(), json!(service));
    keys.tell(id, Value::Object(members));
    Ok(())
}

/// Of a key that `ActionTrail` does not know, nothing is missing.
fn lack(what: &'static str, id: &str, unanswered: &Unanswered, keys: &mut Keys) {
    if !unanswered.is_of_nobody() {
        keys.lack(what, id, unanswered, Some(Part::Usage));
    }
}
