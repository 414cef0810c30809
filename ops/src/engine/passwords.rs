//! Which passwords members may not choose.

/// Passwords of 12 and more characters that everybody tries first. Made from the password list of zxcvbn
/// (MIT, Dropbox) and its entries with the usual endings; lower case, one a line.
pub(crate) const COMMON_PASSWORDS: &str = include_str!("common_passwords.txt");
