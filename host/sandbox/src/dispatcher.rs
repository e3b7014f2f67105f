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
    run::{self, Instance},
    session::{CallContext, Session, wit_context},
};
use helpbell_model::{Correction, Draft, ticket::Variable};
use wasmtime::Store;

impl Session {
    /// The variables that this PSA adds to the common ones.
    pub async fn variables(&self) -> Call<Vec<Variable>> {
        self.alone(None, async |instance, _| {
            let variables = instance
                .exports
                .helpbell_psa_dispatcher()
                .call_variables(&mut instance.store)
                .await?;
            Ok(Ok(from_guest::variables(variables)))
        })
        .await
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
        self.alone(Some(context), async |instance, context| {
            let applied = instance
                .exports
                .helpbell_psa_dispatcher()
                .call_apply(&mut instance.store, &context, &given, assignments)
                .await?;
            Ok(applied.map(|applied| {
                let corrections = from_guest::corrections(applied.corrections);
                (from_guest::assigned(applied.draft, draft.clone()), corrections)
            }))
        })
        .await
    }

    /// In an instance that reaches nothing.
    async fn alone<T>(
        &self,
        context: Option<&CallContext>,
        body: impl AsyncFnOnce(&mut Instance<Exports>, wit::Context) -> wasmtime::Result<Result<T, wit::Failure>>,
    ) -> Call<T> {
        let frame = Frame::begin(self.limits.shortened());
        let guest = Guest::new(Role::Alone, Egress::closed(frame.clone()), &frame);
        let nobody = CallContext {
            press: None,
            locale: "en".into(),
            not_after: None,
        };
        let context = wit_context(&self.settings, None, context.unwrap_or(&nobody), &frame);
        let instantiate = async |store: &mut Store<Guest>| self.connector.pre.instantiate_async(store).await;
        let body = async |instance: &mut Instance<Exports>| body(instance, context).await;
        run::call(
            &self.who(),
            &self.connector.engine,
            frame,
            guest,
            instantiate,
            body,
        )
        .await
    }
}
