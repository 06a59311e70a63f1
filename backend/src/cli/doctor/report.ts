import type { Finding } from './finding.js'

/** For a terminal: one line a finding, and what to do in the line below it. */
export function reportOf(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length))
  const lines = findings.flatMap(({ check, state, found, todo }) => [
    `${state.padEnd(4)}  ${check.padEnd(width)}  ${found}`,
    ...(todo === undefined || state === 'ok' ? [] : [`${' '.repeat(6 + width)}  → ${todo}`]),
  ])
  const count = (state: Finding['state']) => findings.filter((finding) => finding.state === state).length
  return [...lines, '', `${count('ok')} ok, ${count('warn')} warnings, ${count('fail')} failures`, ''].join('\n')
}
