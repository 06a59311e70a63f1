import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'

const cli = fileURLToPath(new URL('../../dist/cli/custodia.js', import.meta.url))
const rule = `title: Odd\nname: odd\nlogsource: { product: test }\ndetection:\n  sel: { result: odd }\n  condition: sel\n`
let dir: string
const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text)
  return join(dir, name)
}
const run = (args: string[], input = '') => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'detect', ...args], {
    input,
    encoding: 'utf8',
    env: {},
  })
  return { status, stdout, stderr }
}

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'custodia-detect-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

describe('custodia detect', () => {
  it('runs rules over a file or standard input, with no data directory and no server', () => {
    const rules = file('odd.yml', rule)
    const event = '{"id":"a","result":"odd"}\n'
    const found = { rule: 'odd', title: 'Odd', kind: 'match', time: null, group: {}, event_ids: ['a'] }
    for (const events of [file('events.ndjson', event), '-']) {
      const { status, stdout, stderr } = run(['--rules', rules, '--events', events], event)
      expect({ status, stderr, found: JSON.parse(stdout) as unknown }).toEqual({ status: 0, stderr: '', found })
    }
  })

  it('refuses a bad rule with file, line and reason, and runs none', () => {
    file('odd.yml', rule)
    const bad = file('bad.yml', rule.replace('name: odd', 'name: bad').replace('result: odd', 'result|near: odd'))
    const { status, stdout, stderr } = run(['--rules', dir, '--events', '-'], '{"result":"odd"}\n')
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: '',
      stderr: `${bad}:5: modifier \`near\` is not known; did you mean \`year\`?\n`,
    })
    rmSync(bad)
  })

  it('names the line of a bad event', () => {
    const { status, stderr } = run(['--rules', file('odd.yml', rule), '--events', '-'], '{"id":"a"}\nnot json\n')
    expect(status).toBe(1)
    expect(stderr).toMatch(/^line 2 is not JSON: /)
  })

  it.each(['.', 'nowhere.ndjson', '/proc/self/mem'])('says in one sentence that %s cannot be read', (events) => {
    const { status, stdout, stderr } = run(['--rules', file('odd.yml', rule), '--events', events])
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/^the events cannot be read: [^\n]+\n$/)
  })

  it('says in one sentence which rule file cannot be read', () => {
    const folder = join(dir, 'folder')
    mkdirSync(join(folder, 'odd.yml'), { recursive: true })
    const { status, stderr } = run(['--rules', folder, '--events', '-'])
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/odd\.yml cannot be read: [^\n]+\n$/),
    })
  })

  it('prints the same with one thread and with several', () => {
    const line = (n: number) => `{"id":"e${n}","result":"${n % 97 ? 'even' : 'odd'}","pad":"${'x'.repeat(500)}"}\n`
    const events = file('many.ndjson', Array.from({ length: 16_000 }, (_, n) => line(n)).join(''))
    const args = ['--rules', file('odd.yml', rule), '--events', events]
    const [one, three] = ['1', '3'].map((threads) => run([...args, '--threads', threads]).stdout)
    expect(one?.split('\n')).toHaveLength(166)
    expect(three).toBe(one)
  })

  it('answers requests line by line', () => {
    const request = { op: 'detect', rule_yaml: rule, events: [{ id: 'e1', event: { result: 'odd' } }] }
    const { status, stdout } = run(['--stdio'], `${JSON.stringify(request)}\n{"op":"load","rule_yaml":"title: x"}\n`)
    const [matched, refused] = stdout.trim().split('\n')
    expect({ status, matched }).toEqual({ status: 0, matched: '{"matched":["e1"]}' })
    expect(refused).toMatch(/^\{"error":/)
  })
})
