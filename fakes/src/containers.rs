use super::neo4j_container::id_of;
use domain::container::Container;
use domain::helper::HelperCommand;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

#[derive(Debug, Clone)]
pub struct Fake {
    pub container: Container,
    /// `None` for a server.
    pub act: Option<HelperCommand>,
    pub output: String,
    /// Network → what the container answers to there besides its name.
    pub aliases: BTreeMap<String, Vec<String>>,
}

impl Fake {
    /// That has printed nothing yet.
    pub fn new(container: Container, act: Option<HelperCommand>) -> Self {
        Self { container, act, output: String::new(), aliases: BTreeMap::new() }
    }
}

/// By name. Found by id, too, as on an engine: the id first, which stays when the name goes to another.
#[derive(Debug, Default)]
pub struct Containers(BTreeMap<String, Fake>);

impl Containers {
    /// The name of what has this id or name.
    pub fn name_of(&self, id: &str) -> Option<String> {
        let by_id = self.0.iter().find(|(_, fake)| fake.container.id.as_str() == id);
        by_id.or_else(|| self.0.get_key_value(id)).map(|(name, _)| name.clone())
    }

    pub fn get(&self, id: &str) -> Option<&Fake> {
        self.0.get(&self.name_of(id)?)
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut Fake> {
        let name = self.name_of(id)?;
        self.0.get_mut(&name)
    }

    /// Under its name, with an id nobody has had.
    pub fn add(&mut self, mut fake: Fake) -> &Fake {
        let name = fake.container.name.clone();
        fake.container.id = id_of(&name);
        while self.0.values().any(|other| other.container.id == fake.container.id && other.container.name != name) {
            fake.container.id.0 += "0";
        }
        self.0.insert(name.clone(), fake);
        &self.0[&name]
    }

    /// The id stays.
    pub fn rename(&mut self, from: &str, to: &str) {
        if let Some(mut fake) = self.0.remove(from) {
            fake.container.name = to.into();
            self.0.insert(to.into(), fake);
        }
    }
}

impl Deref for Containers {
    type Target = BTreeMap<String, Fake>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Containers {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}
