//! The command line: serve, the first aid of an admin without a browser, and the check.

mod audit;
mod key;

use crate::config::Config;
use crate::{check, log, parts, serve};
use clap::{Parser, Subcommand};
use domain::member::Role;
use domain::text::{full_time, plural};
use domain::token::{Label, Life, TokenId};
use std::process::ExitCode;

/// Web console for self-hosted Neo4j in Docker. Configured by CONSOLE_* variables; the README lists them.
#[derive(Debug, Parser)]
#[command(name = "neo4j-admin-console", version)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the console (also what happens without a command)
    Serve,
    /// Manage members
    #[command(subcommand)]
    Member(MemberCommand),
    /// Manage tokens of the API
    #[command(subcommand)]
    Token(TokenCommand),
    /// Look at the audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Change the key that seals stored secrets
    #[command(subcommand)]
    Key(KeyCommand),
    /// Check configuration, data directory, key, database, Docker and target; ends with 1 if anything is wrong
    Check,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Tell whether anybody changed it outside the console; ends with 1 if so
    Verify,
    /// Print all of it, one JSON object a line, oldest first
    Export,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Make a new key and seal every stored secret with it; earlier keys stay in the key file. The console must be
    /// stopped
    Change,
    /// Remove the earlier keys: what they signed counts as from outside then. The console must be stopped
    ForgetEarlier,
}

#[derive(Debug, Subcommand)]
enum MemberCommand {
    /// Add a member; the password is read from standard input
    Add {
        name: String,
        /// viewer, operator, lead or admin
        #[arg(long, value_parser = role)]
        role: Role,
        /// Must be given: a password on the command line would stand in the list of processes
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Forget the wrong tries to sign in as this member
    Unlock { name: String },
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token that may do what the member may; printed once
    Create {
        /// Of the member
        name: String,
        /// What it is for
        #[arg(long, default_value = "")]
        label: String,
        /// Until it ends by itself
        #[arg(long, default_value_t = 90)]
        days: u16,
    },
    /// List all tokens, without the tokens themselves
    List,
    /// Revoke a token
    Revoke {
        /// As the list has it
        id: i64,
    },
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).map_err(|invalid| invalid.why)
}

impl Arguments {
    /// Reads the configuration and runs the command, `serve` when none is given. Whatever fails is a failing exit code.
    pub async fn run(self) -> ExitCode {
        let config = match Config::from_environment() {
            Ok(config) => config,
            Err(wrong) => return complain(&wrong),
        };
        log::start(&config.log);
        let done = match self.command.unwrap_or(Command::Serve) {
            Command::Serve => serve::serve(config).await,
            Command::Check => return check::run(&config).await,
            Command::Audit(AuditCommand::Verify) => audit::verify(&config).await,
            Command::Audit(AuditCommand::Export) => audit::export(&config).await,
            Command::Key(KeyCommand::Change) => key::change(&config).await,
            Command::Key(KeyCommand::ForgetEarlier) => key::forget_earlier(&config).await,
            Command::Member(MemberCommand::Add { name, role, .. }) => add_member(&config, &name, role).await,
            Command::Member(MemberCommand::Unlock { name }) => unlock(&config, &name).await,
            Command::Token(TokenCommand::Create { name, label, days }) => {
                create_token(&config, &name, &label, days).await
            }
            Command::Token(TokenCommand::List) => list_tokens(&config).await,
            Command::Token(TokenCommand::Revoke { id }) => revoke_token(&config, TokenId(id)).await,
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(sentence) => complain(&[sentence]),
        }
    }
}

fn complain(sentences: &[String]) -> ExitCode {
    for sentence in sentences {
        eprintln!("{sentence}");
    }
    ExitCode::FAILURE
}

async fn add_member(config: &Config, name: &str, role: Role) -> Result<(), String> {
    let mut password = String::new();
    std::io::stdin()
        .read_line(&mut password)
        .map_err(|error| format!("The password cannot be read from standard input: {error}."))?;
    let console = parts::console(config, parts::ports(config)?).await?;
    let password = password.trim_end_matches(['\r', '\n']);
    console.add_member_from_command_line(name, role, password).await.map_err(|error| parts::words(&error))?;
    println!("{name} may sign in at {} as {}.", config.url, role.as_str());
    Ok(())
}

async fn unlock(config: &Config, name: &str) -> Result<(), String> {
    let console = parts::console(config, parts::ports(config)?).await?;
    console.unlock_from_command_line(name).await.map_err(|error| parts::words(&error))?;
    println!("{name} may try again at once.");
    Ok(())
}

/// The token alone stands on standard output, for scripts.
async fn create_token(config: &Config, name: &str, label: &str, days: u16) -> Result<(), String> {
    let (label, life) = (Label::parse(label).map_err(|odd| odd.why)?, Life::days(days).map_err(|odd| odd.why)?);
    let console = parts::console(config, parts::ports(config)?).await?;
    println!("{}", console.create_token(name, &label, life).await.map_err(|error| parts::words(&error))?);
    eprintln!(
        "Keep it: it is shown only now. Use it as Authorization: Bearer TOKEN. It ends after {}.",
        plural(days.into(), "day", "days")
    );
    Ok(())
}

async fn list_tokens(config: &Config) -> Result<(), String> {
    let console = parts::console(config, parts::ports(config)?).await?;
    for token in console.tokens_from_command_line().await.map_err(|error| parts::words(&error))? {
        let used = token
            .last_used
            .map_or_else(|| "never used".into(), |(at, from)| format!("last used {} from {from}", full_time(at)));
        println!(
            "{}\t{}\t{}\tuntil {}\t{used}",
            token.id,
            token.member,
            token.label.as_str(),
            full_time(token.expires_at)
        );
    }
    Ok(())
}

async fn revoke_token(config: &Config, token: TokenId) -> Result<(), String> {
    let console = parts::console(config, parts::ports(config)?).await?;
    console.revoke_from_command_line(token).await.map_err(|error| parts::words(&error))?;
    println!("Token {token} is revoked.");
    Ok(())
}
