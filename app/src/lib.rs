//! What people see: the document, the pages and their addresses. Drawn on the server only; what lives in the browser is
//! in the crate `islands`.

// A new variant must be thought of wherever its enum is matched.
#![deny(clippy::wildcard_enum_match_arm)]

pub mod api;
pub mod components;
pub mod pages;
pub mod problem;
pub mod visitor;

use components::frame::{Frame, LivePage};
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};
use pages::*;

pub use problem::ApiError;

/// The document around the app.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let theme = api::me().theme;
    let theme = (!theme.is_empty()).then_some(theme);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/icon.svg" type="image/svg+xml"/>
                <HashedStylesheet options=options.clone() id="leptos"/>
                <HydrationScripts options islands=true/>
                <MetaTags/>
            </head>
            <body><App/><islands::Behaviour/></body>
        </html>
    }
}

/// The router with all pages, and what they share: the visitor and the tab's title.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    visitor::provide_visitor(api::me(), api::take_refusal());
    view! {
        <Title formatter=|title: String| if title.is_empty() { "Neo4j console".into() } else { format!("{title} · Neo4j console") }/>
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/login") view=LoginPage ssr=SsrMode::Async/>
                <Route path=path!("/setup") view=SetupPage ssr=SsrMode::Async/>
                <Route path=path!("/live") view=LivePage ssr=SsrMode::Async/>
                <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                    <Route path=path!("/") view=DeploymentsPage ssr=SsrMode::Async/>
                    <Route path=path!("/deployments/adopt") view=AdoptPage ssr=SsrMode::Async/>
                    <DeploymentRoutes/>
                    <Route path=path!("/jobs") view=JobsPage ssr=SsrMode::Async/>
                    <Route path=path!("/jobs/:id") view=JobPage ssr=SsrMode::Async/>
                    <Route path=path!("/jobs/:id/cancel") view=CancelJobPage ssr=SsrMode::Async/>
                    <Route path=path!("/members") view=MembersPage ssr=SsrMode::Async/>
                    <Route path=path!("/members/new") view=AddMemberPage ssr=SsrMode::Async/>
                    <Route path=path!("/members/:id") view=MemberPage ssr=SsrMode::Async/>
                    <ConsoleRoutes/>
                    <Route path=path!("/audit") view=AuditPage ssr=SsrMode::Async/>
                    <Route path=path!("/account") view=AccountPage ssr=SsrMode::Async/>
                    <Route path=path!("/about") view=AboutPage ssr=SsrMode::Async/>
                    <Route path=path!("/*any") view=NotFoundPage ssr=SsrMode::Async/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}

/// Targets and notifications.
#[component(transparent)]
fn ConsoleRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("") view=leptos_router::components::Outlet ssr=SsrMode::Async>
            <Route path=path!("/targets") view=TargetsPage ssr=SsrMode::Async/>
            <Route path=path!("/targets/new") view=AddTargetPage ssr=SsrMode::Async/>
            <Route path=path!("/targets/:name") view=TargetPage ssr=SsrMode::Async/>
            <Route path=path!("/notifications") view=NotificationsPage ssr=SsrMode::Async/>
            <Route path=path!("/notifications/new") view=AddChannelPage ssr=SsrMode::Async/>
            <Route path=path!("/notifications/:channel") view=ChannelPage ssr=SsrMode::Async/>
        </ParentRoute>
    }
    .into_inner()
}

/// The pages of one deployment.
#[component(transparent)]
fn DeploymentRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("/deployments/:name") view=leptos_router::components::Outlet ssr=SsrMode::Async>
            <Route path=path!("") view=OverviewPage ssr=SsrMode::Async/>
            <Route path=path!("/operate") view=OperatePage ssr=SsrMode::Async/>
            <Route path=path!("/credentials") view=CredentialsPage ssr=SsrMode::Async/>
            <Route path=path!("/forget") view=ForgetPage ssr=SsrMode::Async/>
            <Route path=path!("/accept-data") view=AcceptDataPage ssr=SsrMode::Async/>
            <Route path=path!("/backups") view=BackupsPage ssr=SsrMode::Async/>
            <Route path=path!("/backups/new") view=BackupNowPage ssr=SsrMode::Async/>
            <Route path=path!("/backups/calendar") view=CalendarPage ssr=SsrMode::Async/>
            <Route path=path!("/backups/:backup") view=BackupPage ssr=SsrMode::Async/>
            <Route path=path!("/backups/:backup/delete") view=DeleteBackupPage ssr=SsrMode::Async/>
            <Route path=path!("/schedules") view=SchedulesPage ssr=SsrMode::Async/>
            <Route path=path!("/schedules/new") view=AddSchedulePage ssr=SsrMode::Async/>
            <Route path=path!("/schedules/:schedule") view=SchedulePage ssr=SsrMode::Async/>
            <Route path=path!("/drills") view=DrillsPage ssr=SsrMode::Async/>
            <Route path=path!("/alarms") view=AlarmsPage ssr=SsrMode::Async/>
            <Route path=path!("/restore") view=ChoosePage ssr=SsrMode::Async/>
            <Route path=path!("/restore/undo/:job") view=UndoRestorePage ssr=SsrMode::Async/>
            <Route path=path!("/restore/remove/:job") view=RemoveSetAsidePage ssr=SsrMode::Async/>
            <Route path=path!("/restore/:backup") view=InsidePage ssr=SsrMode::Async/>
            <Route path=path!("/restore/:backup/checks") view=ChecksPage ssr=SsrMode::Async/>
            <Route path=path!("/restore/:backup/confirm") view=ConfirmRestorePage ssr=SsrMode::Async/>
        </ParentRoute>
    }
    .into_inner()
}
