//! UpdateFeatures (key 57, versions 0-2): changes the finalized levels of features, or only says whether they could be.
//!
//! The active controller decides, on a broker's listener as on its own. Versions: 0 may allow a downgrade; 1 says which
//! kind of change, and may only validate; 2 answers with one code for all.
//!
//! Refuses: `INVALID_UPDATE_VERSION`, `INVALID_REQUEST`, `REQUEST_TIMED_OUT`, `NOT_CONTROLLER`; before version 2 also per
//! feature.
//!
//! Differs from Apache Kafka: nothing known.
//!
//! Not yet: authorization.

use ottla_wire::{
    errors::Refusal,
    messages::{
        UpdateFeaturesRequest, UpdateFeaturesResponse,
        update_features_response::UpdatableFeatureResult,
    },
};

use crate::{
    api::{
        Cx,
        controller::{self, Caller},
    },
    reply::Reply,
};

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: UpdateFeaturesRequest,
) -> Reply<UpdateFeaturesResponse> {
    let names: Vec<String> = request
        .feature_updates
        .iter()
        .map(|update| update.feature.clone())
        .collect();
    let answer = controller::update_features(&cx.broker, Caller::of(cx), request).await;
    Reply::Now(answer.unwrap_or_else(|refusal| refused(names, &refusal, cx.version)))
}

fn refused(names: Vec<String>, refusal: &Refusal, version: i16) -> UpdateFeaturesResponse {
    let message = || Some(refusal.text().to_owned());
    let feature = |feature| UpdatableFeatureResult {
        feature,
        error_code: refusal.code.0,
        error_message: message(),
        ..UpdatableFeatureResult::default()
    };
    UpdateFeaturesResponse {
        error_code: refusal.code.0,
        error_message: message(),
        results: if version < 2 {
            names.into_iter().map(feature).collect()
        } else {
            Vec::new()
        },
        ..UpdateFeaturesResponse::default()
    }
}
