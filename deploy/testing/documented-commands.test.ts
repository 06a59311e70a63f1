import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { backupFlags, backupUsage } from '../../backend/src/backup/backup-command.js'
import { restoreFlags, restoreUsage } from '../../backend/src/backup/restore-command.js'
import { auditStoreUsersFlags } from '../../backend/src/cli/audit-store-users.js'
import { canaryFlags } from '../../backend/src/cli/canary.js'
import { commandOf, commands } from '../../backend/src/cli/commands.js'
import { detectFlags } from '../../backend/src/cli/detect.js'
import { doctorFlags } from '../../backend/src/cli/doctor/command.js'
import { rulesBacktestFlags } from '../../backend/src/cli/rules-backtest.js'
import { rulesConvertFlags, rulesTestFlags } from '../../backend/src/cli/rules.js'
import { drillFlags } from '../../backend/src/drill/command.js'
import { verifyReviewFlags } from '../../backend/src/reviews/verify-command.js'
import { importFlags, importUsage } from '../../backend/src/import/options.js'
import { peopleFlags } from '../../backend/src/provisioning/people-command.js'
import { rulesExportFlags, rulesImportFlags } from '../../backend/src/rules/rules-command.js'
import { administratorFlags } from '../../backend/src/recovery/administrator-command.js'
import { rawCompose, root } from '../compose/compose-file.js'

/** What each command takes; the others take nothing. */
const flagsOf: Record<string, Record<string, { type: string }>> = {
  backup: backupFlags,
  restore: restoreFlags,
  import: { ...importFlags, help: { type: 'boolean' } },
  doctor: doctorFlags,
  'audit-store users': auditStoreUsersFlags,
  'administrator reset': administratorFlags,
  canary: canaryFlags,
  drill: drillFlags,
  'verify review': verifyReviewFlags,
  detect: detectFlags,
  'people import': peopleFlags,
  'rules test': rulesTestFlags,
  'rules convert': rulesConvertFlags,
  'rules backtest': rulesBacktestFlags,
  'rules export': rulesExportFlags,
  'rules import': rulesImportFlags,
}
const pages = [
  'README.md',
  'deploy/runbook.md',
  ...readdirSync(join(root, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
]

/** Lines of shell blocks, continued lines joined and comments gone, and what stands between backticks. */
function codeIn(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8')
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block)
  const lines = blocks.flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))
  const inline = [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
  return [...lines.map((line) => line.replace(/(^|\s)#.*$/, '')), ...inline]
}

/** Everything that calls our command, as its words; quotes make one word, and what comes through a pipe is another's. */
const calls = pages.flatMap((page) =>
  codeIn(page).flatMap((line) => {
    const [, call] =
      /(?:^|&& |npx |exec gateway |^docker compose run --rm gateway )custodia ((?:[a-z]|--).*?)(?: [|&>] |;|$)/.exec(
        line,
      ) ?? []
    return call === undefined
      ? []
      : [{ page, words: (call.match(/"[^"]*"|\S+/g) ?? []).filter((word) => word !== '…') }]
  }),
)

describe('every command that the documentation shows', () => {
  it('is found: there are dozens', () => expect(calls.length).toBeGreaterThan(30))

  it.each(calls.map(({ page, words }) => [words.join(' '), page, words] as const))(
    'custodia %s (%s)',
    (_, _page, words) => {
      const firstFlag = words.findIndex((word) => word.startsWith('--'))
      const isStart = words[0] === 'start' // its flag is part of its name
      const name = (firstFlag < 0 || isStart ? words : words.slice(0, firstFlag)).join(' ')
      expect(Object.keys(commands)).toContain(name)
      const known = flagsOf[name] ?? {}
      for (const [at, word] of words.entries()) {
        if (!word.startsWith('--') || isStart) continue
        const flag = known[word.slice(2)]
        expect([word, Boolean(flag)]).toEqual([word, true])
        const value = words[at + 1]
        expect([word, value !== undefined && !value.startsWith('--')]).toEqual([word, flag?.type === 'string'])
      }
      expect(commandOf(words)?.command).toBe(commands[name])
    },
  )

  it('of containers names a service of the compose file', () => {
    const { services } = rawCompose() as { services: Record<string, unknown> }
    const named = pages.flatMap((page) =>
      codeIn(page).flatMap((line) => {
        const [, rest] = /docker compose (?:run|exec|up|build|restart|logs|rm)\b([^|&#]*)/.exec(line) ?? []
        // whatever follows exec's or run's service is its command
        const words = (rest ?? '')
          .trim()
          .split(/\s+/)
          .filter((word) => /^[a-z]/.test(word))
        return /docker compose (run|exec)/.test(line) ? words.slice(0, 1) : words.filter((word) => !word.includes('='))
      }),
    )
    expect(named.length).toBeGreaterThan(8)
    expect([...new Set(named)].filter((name) => !(name in services))).toEqual([])
  })
})

describe('--help', () => {
  it.each([
    ['backup', backupUsage, backupFlags],
    ['restore', restoreUsage, restoreFlags],
    ['import', importUsage, importFlags],
  ])('of %s names every option that there is', (_, usage, flags) => {
    for (const flag of Object.keys(flags)) if (flag !== 'help') expect(usage).toMatch(new RegExp(`--${flag}\\b`))
  })
})
