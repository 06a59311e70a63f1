// Runs before the first paint, as a file of its own because the content security policy forbids inline scripts.
// The same rule as src/ui/use-theme.ts: a stored choice wins; without one the desk is dark and the rest follows the system.
const chosen = localStorage.getItem('custodia.theme')
const desk = /^\/(live|alerts|events|people|rules)(\/|$)/.test(location.pathname)
const system = window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
const theme = chosen === 'dark' || chosen === 'light' ? chosen : desk ? 'dark' : system
document.documentElement.dataset.theme = theme
document.documentElement.style.colorScheme = theme
// Schemas are checked without compiling code: the content security policy forbids that too, and reports each try.
globalThis.__zod_globalConfig = { jitless: true }
