/** What is wrong with what was typed, before it is sent; null: nothing. The server has the last word. Pure. */

export function emailProblem(email: string): string | null {
  return /^[^\s@]{1,64}@[^\s@]+$/.test(email.trim()) ? null : 'Enter an e-mail address, such as ada@example.org.'
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/

export function tokenNameProblem(name: string): string | null {
  if (name.trim() === '') return 'Name the token after what will use it, such as payments.'
  return NAME.test(name.trim()) ? null : 'Use letters, digits, ".", "_" and "-"; begin and end with a letter or digit.'
}

/** Names of services, separated by commas or spaces. */
export function parseServices(text: string): { services: string[]; problem: string | null } {
  const services = [...new Set(text.split(/[\s,]+/).filter(Boolean))]
  const bad = services.find((service) => !NAME.test(service) || service.length > 100)
  if (bad !== undefined) return { services, problem: `"${bad}" cannot be the name of a service.` }
  if (services.length > 50) return { services, problem: 'At most 50 services.' }
  return { services, problem: null }
}

export function passwordProblem(password: string, again: string, min: number): string | null {
  if (password.length < min) return `Use at least ${min} characters.`
  return password === again ? null : 'The two do not match.'
}
