export type Theme = 'light' | 'dark'

/** Switches the theme and keeps it for a year. */
export function toggleTheme(): void {
  const root = document.documentElement
  const theme: Theme = root.dataset.theme === 'dark' ? 'light' : 'dark'
  root.dataset.theme = theme
  // biome-ignore lint/suspicious/noDocumentCookie: the server reads it before the first paint; no store API in all browsers
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`
}
