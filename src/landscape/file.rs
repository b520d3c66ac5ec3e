//! Saved landscapes: JSON with a version, refused when it is newer than the program.

use serde::{Deserialize, Serialize};

use super::Landscapes;
use super::occasion::Occasion;
use crate::error::{Error, Finding, Result};

/// Version of the format; raised when files of another one would be misread.
const VERSION: u32 = 9;

#[derive(Deserialize)]
struct Envelope {
    bidwright_model: u32,
}

#[derive(Serialize, Deserialize)]
struct Saved<L> {
    bidwright_model: u32,
    landscapes: L,
}

impl Landscapes {
    /// The text of a model file.
    ///
    /// # Errors
    /// Internal, when the landscapes hold a number that JSON cannot.
    pub fn to_text(&self) -> Result<String> {
        serde_json::to_string(&Saved { bidwright_model: VERSION, landscapes: self })
            .map_err(|error| Error::Internal(error.to_string()))
    }

    /// Reads the text of a model file.
    ///
    /// # Errors
    /// `L010` not a model file, `L011` of another version, `L012` damaged.
    pub fn from_text(text: &str) -> Result<Landscapes> {
        let envelope: Envelope = serde_json::from_str(text).map_err(|error| {
            Finding::error(
                "L010",
                format!("this is not a bidwright model file: {error}"),
                "write one with `bidwright fit PLAN.toml --out FILE`",
            )
        })?;
        if envelope.bidwright_model != VERSION {
            return Err(Finding::error(
                "L011",
                format!(
                    "the model file has format {}, this program's is {VERSION}",
                    envelope.bidwright_model
                ),
                match envelope.bidwright_model > VERSION {
                    true => "update bidwright, or fit again with this version",
                    false => "fit again with `bidwright fit`",
                },
            )
            .into());
        }
        let saved: Saved<Landscapes> = serde_json::from_str(text).map_err(|error| {
            Finding::error(
                "L012",
                format!("the model file is damaged: {error}"),
                "fit again with `bidwright fit`",
            )
        })?;
        saved.landscapes.validate()?;
        Ok(saved.landscapes)
    }

    /// Sizes that must agree, whatever the file says.
    fn validate(&self) -> Result<()> {
        let units = self.units.len();
        let sound = self.known.len() == units
            && self.place.len() == units
            && self.known.iter().all(|known| known.last_bid.len() == crate::calendar::HOURS)
            && self.occasions.iter().all(Occasion::is_whole)
            && self.place.iter().all(|[model, at]| {
                self.models.get(*model as usize).is_some_and(|model| model.has(*at as usize))
            });
        if sound {
            Ok(())
        } else {
            Err(Finding::error(
                "L012",
                "the model file is damaged: its tables differ in length",
                "fit again with `bidwright fit`",
            )
            .into())
        }
    }
}
