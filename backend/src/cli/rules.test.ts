import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'

const cli = fileURLToPath(new URL('../../dist/cli/custodia.js', import.meta.url))
const rule = `title: Odd
name: odd
logsource: { product: custodia, category: access }
detection:
  sel: { action: view, reason: odd }
  condition: sel
`
const cases = `fires:
  - name: odd
    events: [{ event: { reason: odd } }]
    alerts: [{ at: 1, value: 1, group: { actor: clerk-1 } }]
silent:
  - name: even
    events: [{ event: { reason: even } }]
`
let dir: string
const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text)
  return join(dir, name)
}
const run = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'rules', ...args], { encoding: 'utf8', env: {} })
  return { status, stdout, stderr }
}
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'custodia-rules-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

describe('custodia rules test', () => {
  it('runs the cases beside the rules of a folder', () => {
    file('odd.yml', rule)
    file('odd.cases.yml', cases)
    expect(run('test', '--rules', dir)).toEqual({ status: 0, stdout: '2 cases hold, 0 do not\n', stderr: '' })
  })

  it('takes one rule file, with the cases beside it, as `detect` and `convert` do', () => {
    const path = file('odd.yml', rule)
    expect(run('test', '--rules', path)).toMatchObject({ status: 1, stderr: expect.stringContaining('has no cases') })
    file('odd.cases.yml', cases)
    file('other.yml', 'title: not a rule')
    expect(run('test', '--rules', path)).toEqual({ status: 0, stdout: '2 cases hold, 0 do not\n', stderr: '' })
  })

  it('says which case does not hold, what was expected and what was found, and exits non-zero', () => {
    file('odd.yml', rule)
    file('odd.cases.yml', cases.replace('value: 1', 'value: 2'))
    const { status, stdout, stderr } = run('test', '--rules', dir)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '1 cases hold, 1 do not\n' })
    expect(stderr).toMatch(
      /odd\.cases\.yml:2: odd\n {2}expected an alert at event 1 \(value 2.*; it came at event 1 \(value 1/,
    )
  })

  it('takes the placeholders of the folder, or beside the one file, as the running system does', () => {
    const path = file('odd.yml', rule.replace('reason: odd', "reason|expand: '%odd%'"))
    file('odd.cases.yml', cases)
    expect(run('test', '--rules', dir).stderr).toMatch(
      /odd\.yml:5\n {2}placeholder %odd% is not defined: `placeholders\.yml`/,
    )
    file('placeholders.yml', 'odd: [odd, strange]\n')
    for (const rules of [dir, path])
      expect(run('test', '--rules', rules)).toEqual({ status: 0, stdout: '2 cases hold, 0 do not\n', stderr: '' })
    expect(run('convert', '--rules', path).stdout).toMatch(/^-- odd: Odd\nWITH [^]*strange/)
  })

  it('notes what Sigma allows and nobody means', () => {
    const never =
      'correlation: { type: event_count, rules: [odd], timespan: 1m, condition: { gte: 10, lt: 5 }, aliases: { who: { odd: actor } } }'
    file('odd.yml', `${rule}---\ntitle: Never\nname: never\n${never}\n`)
    const { stderr } = run('test', '--rules', dir)
    expect(stderr).toContain('odd.yml:10: note: the alias `who` is used neither')
    expect(stderr).toContain('odd.yml:10: note: this condition never holds')
  })

  it('refuses a bad rule with file, line and reason', () => {
    file('odd.yml', rule.replace('reason: odd', 'reason|near: odd'))
    file('odd.cases.yml', cases)
    const { status, stderr } = run('test', '--rules', dir)
    expect(status).toBe(1)
    expect(stderr).toContain(`${join(dir, 'odd.yml')}:5\n  modifier \`near\` is not known`)
  })

  it('counts a rule without cases, and cases without a rule, as problems; a folder that is not there as an error', () => {
    file('odd.yml', rule)
    expect(run('test', '--rules', dir)).toMatchObject({ status: 1, stderr: expect.stringContaining('has no cases') })
    file('gone.cases.yml', cases)
    expect(run('test', '--rules', dir).stderr).toContain('there is no rule that alerts')
    const missing = run('test', '--rules', join(dir, 'missing'))
    expect(missing).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('no rules at') })
  })
})

describe('what is printed', () => {
  it.each([
    ['test --help', ['rules test [--rules']],
    ['convert --help', ['rules convert [--rules']],
    ['export --help', ['rules export --to']],
    ['--help', ['rules backtest', 'rules export', 'rules import', 'rules test', 'rules convert']],
  ])('rules %s prints the usage of what was named, and nothing else, with exit 0', (words, told) => {
    const { status, stdout, stderr } = run(...words.split(' '))
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const lines = stdout.trim().split('\n').slice(2)
    expect(lines.map((line, at) => line.includes(told[at] ?? 'nothing'))).toEqual(told.map(() => true))
  })

  it('is the command itself that answers, also where it has no flag that may be left out', () => {
    for (const words of [
      ['export', '--from', 'x'],
      ['import', '--to', 'x'],
    ])
      expect(run(...words)).toMatchObject({ status: 2, stderr: expect.stringMatching(/^Unknown option '--(from|to)'/) })
  })

  it.each(['convert', 'test'])('%s ends quietly when nobody reads on, as with `| head`', (command) => {
    file('odd.yml', rule)
    file('odd.cases.yml', cases)
    const script = `"$0" "$1" rules ${command} --rules "$2" | true; echo "\${PIPESTATUS[0]}"`
    const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, cli, dir], { encoding: 'utf8' })
    expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' })
  })
})

describe('custodia rules convert', () => {
  it('prints the statement of each rule that alerts', () => {
    const { status, stdout, stderr } = run('convert', '--rules', file('odd.yml', rule))
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^-- odd: Odd\nWITH [^]* FROM accesses[^]*;\n/)
  })

  it('prints it for a table of any events, by a name that is nothing but a name', () => {
    const path = file('odd.yml', rule)
    expect(run('convert', '--rules', path, '--table', 'logs.events').stdout).toContain('FROM logs.events')
    const attack = run('convert', '--rules', path, '--table', 'events; DROP TABLE accesses')
    expect(attack).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('is the name of a table') })
  })

  it('prints of each rule what that reads, whatever other rules it is printed with', () => {
    const many = Array.from({ length: 3 }, (_, n) =>
      rule.replaceAll('odd', `odd-${n}`).replace('action:', `field_${n}:`),
    )
    const both = run('convert', '--rules', file('odd.yml', many.join('---\n')), '--table', 'logs').stdout
    const alone = many.map((one) => run('convert', '--rules', file('odd.yml', one), '--table', 'logs').stdout)
    expect(both).toBe(alone.join(''))
  })

  it('refuses the log source of other systems, as they are judged live, unless a table of its events is named', () => {
    const windows = rule.replace('product: custodia, category: access', 'product: windows, category: process_creation')
    const path = file('odd.yml', windows.replace('action: view, reason: odd', 'CommandLine|contains: odd'))
    for (const command of ['convert', 'test'])
      expect(run(command, '--rules', path)).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(
          /odd\.yml:3:?\s+no event here is of `product: windows, category: process_creation`: write .*`source: sshd`/,
        ),
      })
    expect(run('convert', '--rules', path, '--table', 'logs').stdout).toMatch(/^-- odd: Odd\nWITH /)
  })

  it('says where a limit is beyond what a window holds, and nothing of the others', () => {
    const counting = (limit: number) =>
      `${rule}---\ntitle: Many\nname: many\ncorrelation: { type: event_count, rules: [odd], group-by: [actor], timespan: 1d, condition: { gte: ${limit} } }\n`
    const path = file('odd.yml', counting(25_000))
    expect(run('convert', '--rules', path).stdout).toMatch(
      /^-- many: Many\n-- this statement never gives a row: many counts up to 25000; a window holds 10000 events, .*\nWITH /,
    )
    file('odd.yml', counting(9_999))
    expect(run('convert', '--rules', path).stdout).toMatch(/^-- many: Many\nWITH /)
  })

  it('refuses a field that accesses do not have, unless a table of other events is named', () => {
    const path = file('odd.yml', rule.replace('reason: odd', 'reson: odd'))
    for (const command of ['convert', 'test'])
      expect(run(command, '--rules', path)).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(
          /odd\.yml:5:?\s+`reson` is no field of `product: custodia`; did you mean `reason`\?/,
        ),
      })
    expect(run('convert', '--rules', path, '--table', 'logs').status).toBe(0)
  })

  it('says of a rule that SQL cannot say why it is replayed, and prints the others', () => {
    file('odd.yml', rule)
    file('ahead.yml', rule.replaceAll('odd', 'ahead').replace('reason: ahead', `reason|re: 'a(?=b)'`))
    const { status, stdout, stderr } = run('convert', '--rules', dir)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('-- odd: Odd\nWITH ')
    expect(stdout).toMatch(/-- ahead: Odd\n-- replayed by the engine: ClickHouse has no patterns that look around/)
  })

  it('refuses a bad rule with file, line and reason, and prints nothing', () => {
    const path = file('odd.yml', rule.replace('condition: sel', 'condition: sel and'))
    const { status, stdout, stderr } = run('convert', '--rules', path)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(new RegExp(`^${path}:6: .{10,}\n$`))
  })
})
