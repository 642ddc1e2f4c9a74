//! A denial on its way to `main`.

use crate::commands::close::end_with;
use crate::commands::decide::Judge;
use crate::commands::deliver::{ATTEMPTS, pause};
use crate::commands::error::CommandError;
use crate::commands::notify::tell_end;
use crate::commands::report::DecisionReport;
use crate::commands::request::{self, Found};
use crate::domain::decision::Decision;
use crate::domain::id::RequestId;
use crate::domain::policy::Land;
use crate::domain::time::Timestamp;
use crate::record::decision_file_name;
use crate::world::store::Record;

impl Judge<'_> {
    /// A denial lands on `main` at once; where it may not, it waits on the branch and forbids a claim from there.
    pub(super) fn deny(&self, id: RequestId, decision: &Decision, land: Land) -> Result<DecisionReport, CommandError> {
        let context = self.context;
        let rendered = crate::record::Record::render(decision);
        let name = decision_file_name(&self.me.id, &rendered);
        let record = Record::sign(&name, decision, &self.signer)?;
        let landed = match land {
            Land::Direct => {
                end_with(context, &self.store, id, &self.me.id, "denied", |_, _, _| Ok(Some(record.clone())))
                    .map_err(|error| format!("main does not take it: {}", error.message))
            }
            Land::Ci => Err("CI lands it, before any claim of the request".to_owned()),
        };
        let mut hints = Vec::new();
        let message = match landed {
            Ok(true) => format!("denied; request {id} has ended and nothing reopens it"),
            Ok(false) => {
                let at = self.store.refresh()?;
                return Err(self.too_late(&request::find(&self.store, &at, id)?));
            }
            Err(why) => {
                self.push_denial(id, &record, decision.decided)?;
                hints.push(why);
                "denied, but not landed yet; it stands on the request's branch and forbids a claim".to_owned()
            }
        };
        let at = self.store.refresh()?;
        let report = request::describe(context, &request::find(&self.store, &at, id)?);
        let notified = tell_end(context, &self.store, &at, &report);
        Ok(DecisionReport {
            id: id.to_string(),
            verdict: "deny".to_owned(),
            recorded: true,
            unsure: false,
            message,
            hints,
            wait_seconds: None,
            request: Some(report),
            notified,
        })
    }

    fn too_late(&self, found: &Found) -> CommandError {
        let state = request::describe(self.context, found);
        let (id, word, why) = (&state.id, &state.state, &state.reason_for_state);
        CommandError::no(format!("request {id} had ended before ({word}): {why}; the denial came too late"))
    }

    fn push_denial(&self, id: RequestId, record: &Record, now: Timestamp) -> Result<(), CommandError> {
        for attempt in 0..ATTEMPTS {
            let at = self.store.refresh()?;
            self.store.restore(&id)?;
            let found = request::find(&self.store, &at, id)?;
            if found.landed.is_some() {
                return Err(self.too_late(&found));
            }
            let branch = &found.dossier.branch;
            let message = format!("request {id}: denied by {}", self.me.id);
            let new = self.store.append_record(&branch.tip, &branch.directory, record, &self.me.id, now, &message)?;
            match self.store.push_branch(&id, Some(branch.tip), new) {
                Ok(true) => return Ok(()),
                Ok(false) => pause(self.context.world, attempt),
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommandError::unsure(format!("the branch kept moving for {ATTEMPTS} attempts")))
    }
}
