/** What each role may do, in words. */
export const ROLES = [
  { value: 'viewer', label: 'Viewer', words: 'sees everything but users, tokens and the sessions of others' },
  { value: 'operator', label: 'Operator', words: 'acts on services: maintenance, draining, releasing holds' },
  { value: 'admin', label: 'Admin', words: 'also manages users, tokens and sessions' },
] as const

export type Role = (typeof ROLES)[number]['value']
