//! The files of a database in a volume, as far as the fakes need them.

use super::world::Store;
use std::collections::BTreeMap;

pub fn store_path(database: &str) -> String {
    format!("/databases/{database}/store")
}

pub fn read_store(volume: &BTreeMap<String, Vec<u8>>, database: &str) -> Option<Store> {
    serde_json::from_slice(volume.get(&store_path(database))?).ok()
}

pub fn write_store(volume: &mut BTreeMap<String, Vec<u8>>, database: &str, store: &Store) {
    volume.insert(store_path(database), serde_json::to_vec(store).expect("json"));
    volume.insert(format!("/transactions/{database}/log"), vec![0]);
}
