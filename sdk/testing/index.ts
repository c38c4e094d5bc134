/** @holdfast/sdk/testing: sagas without a control plane, for unit tests. See README.md. */
export { type Call, type Rehearsal, type RehearseOptions, rehearse } from './rehearse.ts'
export { type Answer, type Attempted, fails, gives, hangs, refuses, type Script, unknown } from './script.ts'
