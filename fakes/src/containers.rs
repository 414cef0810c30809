use super::neo4j_container::id_of;
use domain::container::Container;
use domain::helper::HelperCommand;
use std::collections::{BTreeMap, BTreeSet};
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
pub struct Containers {
    all: BTreeMap<String, Fake>,
    /// Ids that were given, also of containers that are gone.
    given: BTreeSet<String>,
}

impl Containers {
    /// The name of what has this id or name.
    pub fn name_of(&self, id: &str) -> Option<String> {
        let by_id = self.all.iter().find(|(_, fake)| fake.container.id.as_str() == id);
        by_id.or_else(|| self.all.get_key_value(id)).map(|(name, _)| name.clone())
    }

    pub fn get(&self, id: &str) -> Option<&Fake> {
        self.all.get(&self.name_of(id)?)
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut Fake> {
        let name = self.name_of(id)?;
        self.all.get_mut(&name)
    }

    /// Under its name, with an id nobody has had.
    pub fn add(&mut self, mut fake: Fake) -> &Fake {
        let name = fake.container.name.clone();
        fake.container.id = id_of(&name);
        while !self.given.insert(fake.container.id.0.clone()) {
            fake.container.id.0 += "0";
        }
        self.all.insert(name.clone(), fake);
        &self.all[&name]
    }

    /// The id stays.
    pub fn rename(&mut self, from: &str, to: &str) {
        if let Some(mut fake) = self.all.remove(from) {
            fake.container.name = to.into();
            self.all.insert(to.into(), fake);
        }
    }
}

impl Deref for Containers {
    type Target = BTreeMap<String, Fake>;
    fn deref(&self) -> &Self::Target {
        &self.all
    }
}

impl DerefMut for Containers {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.all
    }
}
