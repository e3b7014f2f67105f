//! The calls of `dispatcher`: which variables a PSA has, and what an assignment does to a draft. They send nothing, so
//! they run where nothing can be sent.

use crate::{
    call::{Call, Frame},
    contract::{
        bindings::{Connector as Exports, helpbell::psa::types as wit},
        from_guest,
    },
    egress::hook::Egress,
    guest::{Guest, Role},
    limits::Limits,
    load::Connector,
    run::{self, Instance},
    session::{CallContext, Session, wit_context},
};
use helpbell_model::{Correction, Draft, ticket::Variable};
use wasmtime::Store;

impl Connector {
    /// The variables that this PSA adds to the common ones. Asked of the file: they depend on no tenant.
    pub async fn variables(&self) -> Call<Vec<Variable>> {
        self.variables_within(Limits::short()).await
    }

    async fn variables_within(&self, limits: Limits) -> Call<Vec<Variable>> {
        self.alone(limits, async |instance, _| {
            let variables = instance
                .exports
                .helpbell_psa_dispatcher()
                .call_variables(&mut instance.store)
                .await?;
            Ok(Ok(from_guest::variables(variables)))
        })
        .await
    }

    /// In an instance that reaches nothing.
    async fn alone<T>(
        &self,
        limits: Limits,
        body: impl AsyncFnOnce(&mut Instance<Exports>, &Frame) -> wasmtime::Result<Result<T, wit::Failure>>,
    ) -> Call<T> {
        let frame = Frame::begin(limits);
        let guest = Guest::new(Role::Alone, Egress::closed(frame.clone()), &frame);
        let who = format!("the connector {}", self.description().id);
        let instantiate = async |store: &mut Store<Guest>| self.pre.instantiate_async(store).await;
        let told = frame.clone();
        let body = async |instance: &mut Instance<Exports>| body(instance, &told).await;
        run::call(&who, &self.engine, frame, guest, instantiate, body).await
    }
}

impl Session {
    /// The variables that this PSA adds to the common ones.
    pub async fn variables(&self) -> Call<Vec<Variable>> {
        self.connector.variables_within(self.limits.shortened()).await
    }

    /// Puts a rule's assignments into a draft. Of what the connector gives back only title and fields are taken: a
    /// rule has no business with the person's words.
    pub async fn apply(
        &self,
        context: &CallContext,
        draft: &Draft,
        assignments: &[(String, String)],
    ) -> Call<(Draft, Vec<Correction>)> {
        let given = draft.into();
        let connector = &self.connector;
        let apply = async |instance: &mut Instance<Exports>, frame: &Frame| {
            let context = wit_context(&self.settings, None, context, frame);
            let applied = instance
                .exports
                .helpbell_psa_dispatcher()
                .call_apply(&mut instance.store, &context, &given, assignments)
                .await?;
            Ok(applied.map(|applied| {
                let corrections = from_guest::corrections(applied.corrections);
                (from_guest::assigned(applied.draft, draft.clone()), corrections)
            }))
        };
        connector.alone(self.limits.shortened(), apply).await
    }
}
