import type { MouseEvent } from 'react'

/**
 * A plain click on a link of this page is done here: the address is then written together with what else is about to be
 * written into it (a filter that is still being typed). With a key held it stays a link.
 */
export function inPlace(event: MouseEvent<HTMLAnchorElement>, open: () => void): void {
  if (event.defaultPrevented || event.button !== 0) return
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  event.preventDefault()
  open()
}
