/** Reads a setting of this process from its environment. */
export function setting(name: string, fallback: string): string {
  const value = process.env[name]
  return value === undefined || value === '' ? fallback : value
}
