/** Tables of users, their sessions and accounts, one-time links and service tokens. */
export {}
