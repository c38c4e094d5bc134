/** Where a revoked or ended session leads. */

let leaving = false

/** Leaves for the sign-in page, once, and comes back to this one afterwards. */
export function signInAgain(): void {
  if (leaving || typeof location === 'undefined' || location.pathname === '/sign-in') return
  leaving = true
  const here = location.pathname + location.search
  location.assign(here === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(here)}`)
}
