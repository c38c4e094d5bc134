/** The statements of identity: users, sessions, one-time links, service tokens. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the identity tables
export interface IdentityQueries {}
