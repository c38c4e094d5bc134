/** The kinds of entries there are, by noun, with words. A kind that is not here can still be asked for by its name. */
export const KINDS: { noun: string; kinds: { kind: string; words: string }[] }[] = [
  {
    noun: 'Instances',
    kinds: [
      { kind: 'instance.registered', words: 'registered' },
      { kind: 'instance.health', words: 'changed health' },
      { kind: 'instance.flapping', words: 'flapping' },
      { kind: 'instance.maintenance.started', words: 'maintenance started' },
      { kind: 'instance.maintenance.ended', words: 'maintenance ended' },
      { kind: 'instance.drain.started', words: 'drain started' },
      { kind: 'instance.drain.ended', words: 'drain ended' },
      { kind: 'instance.intent.expired', words: 'a decision ran out' },
      { kind: 'instance.moved', words: 'moved to another service' },
      { kind: 'instance.deregistered', words: 'deregistered' },
    ],
  },
  {
    noun: 'Services',
    kinds: [
      { kind: 'service.created', words: 'first seen' },
      { kind: 'service.maintenance.started', words: 'maintenance started' },
      { kind: 'service.maintenance.ended', words: 'maintenance ended' },
      { kind: 'service.hold-started', words: 'mass expiry held' },
      { kind: 'service.hold-changed', words: 'hold changed' },
      { kind: 'service.hold-ended', words: 'hold ended' },
      { kind: 'service.forgotten', words: 'forgotten' },
    ],
  },
  {
    noun: 'Policies',
    kinds: [
      { kind: 'policy.created', words: 'set' },
      { kind: 'policy.changed', words: 'changed' },
      { kind: 'policy.removed', words: 'removed' },
    ],
  },
  {
    noun: 'People and tokens',
    kinds: [
      { kind: 'user.created', words: 'user created' },
      { kind: 'user.invited', words: 'user invited' },
      { kind: 'user.changed', words: 'user changed' },
      { kind: 'user.role-changed', words: 'role changed' },
      { kind: 'user.password-set', words: 'password set' },
      { kind: 'user.removed', words: 'user removed' },
      { kind: 'session.ended', words: 'session ended' },
      { kind: 'token.created', words: 'token created' },
      { kind: 'token.revoked', words: 'token revoked' },
    ],
  },
]

/** What people did, as the audit trail names it. */
export const ACTIONS = [
  'maintenance.start',
  'maintenance.end',
  'drain.start',
  'drain.end',
  'hold.release',
  'instance.deregister',
  'service.forget',
  'policy.put',
  'policy.remove',
  'user.invited',
  'user.link-issued',
  'user.changed',
  'user.role-changed',
  'user.password-set',
  'user.removed',
  'session.signed-in',
  'session.sign-in-failed',
  'session.ended',
  'token.created',
  'token.revoked',
] as const
