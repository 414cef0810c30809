//! The image of a deployment, and another one for it.

use super::Timed;
use super::changes::plan;
use super::request::*;
use crate::problem::ApiError;
use domain::change::ImageWanted;
use domain::deployment::DeploymentName;
use domain::image::ImageReference;
use leptos::prelude::*;
use ops::Error;
use ops::use_cases::changes::Wanted;
use ops::use_cases::images as use_case;
pub use ops::use_cases::images::ImageView;

/// The image it runs, and a page of the tags that have `find` in them (`deployment.view`).
pub async fn get_image(deployment: String, find: String, page: u32) -> Result<Timed<ImageView>, ApiError> {
    let query = DeploymentName::parse(&deployment).map(|deployment| use_case::GetImage { deployment, find, page });
    ask_timed(query.map_err(|_| Error::not_found("deployment", deployment))).await
}

/// Plans another image and goes to the plan (`config.change`).
#[server(prefix = "/api/fn", endpoint = "plan_image")]
pub async fn plan_image(
    #[server(default)] deployment: String,
    #[server(default)] image: String,
    #[server(default)] accept_license: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    let done = async {
        let wanted = ImageWanted { reference: ImageReference::parse(&image)?, accepts_licence: accept_license == "on" };
        plan(&deployment, Wanted::Image(wanted), &reason).await
    };
    let values = [("image", image.as_str()), ("accept_license", &accept_license), ("reason", &reason)];
    answer_form::<PlanImage>(&values, done.await)
}
