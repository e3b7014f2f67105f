//! Every connector against the server it was written for: the program `helpbell`, the connector's component and the
//! real PSA, started by `psa_sandbox` on data of its own. One file of `tests/` per PSA.
