//! The field for the identity to encrypted copies.

use crate::components::field::{Field, Kind};
use crate::components::form::Form;
use domain::gate::IdentityNeed;
use leptos::prelude::*;

/// Where a copy is encrypted. It goes with this one restore and is forgotten with it.
pub(super) fn identity(lock: IdentityNeed, form: Form) -> Option<AnyView> {
    let (optional, why) = match lock {
        IdentityNeed::NotNeeded => return None,
        IdentityNeed::Optional => (true, "Only needed if the unencrypted copies turn out to be damaged."),
        IdentityNeed::AskedLater | IdentityNeed::Missing | IdentityNeed::Given => {
            (false, "Every copy of this backup is encrypted.")
        }
    };
    let help = format!(
        "{why} Paste the line AGE-SECRET-KEY-1…, or the whole key file. It is kept sealed until the restore has ended, \
         then forgotten, and shown nowhere."
    );
    Some(
        view! { <Field form name="age_identity" label="Identity to decrypt it" kind=Kind::LongSecret optional help/> }
            .into_any(),
    )
}
