import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { differences, readRuleCases } from './cases/index.js'
import { compileRules } from './run/rule-set.js'

const folder = new URL('../../rules/', import.meta.url)
const names = readdirSync(folder)
const read = (file: string): string => readFileSync(new URL(file, folder), 'utf8')
const ruleFiles = names.filter((name) => name.endsWith('.yml') && !name.endsWith('.cases.yml'))
const pack = compileRules(ruleFiles.map((file) => ({ file, yaml: read(file) })))

/** Every shipped rule, and what it must catch: its cases show how. A rule that is gone or renamed is missed here. */
const mustCatch = {
  'account-in-two-browsers': 'an account that two people share',
  'bulk-delete': 'many customers deleted in an hour',
  'bulk-export': 'rows of an hour, in one export or in many; refused and frozen',
  'bulk-export-day': 'rows of a day, below the limit of an hour',
  'bulk-export-minute': 'exports made by a program',
  'bulk-export-ten-minutes': 'many rows within minutes, below the limit of an hour',
  'bulk-photo-download': 'photos saved as files within ten minutes; refused and frozen',
  'bulk-photo-download-day': 'photos saved as files, a few at a time',
  'bulk-photo-download-hour': 'photos saved steadily, below the limit of ten minutes',
  'bulk-photo-download-minute': 'photos saved faster than a person files them',
  'bulk-photo-view': "many customers' photos within ten minutes; refused and frozen",
  'bulk-photo-view-day': 'photos collected low and slow',
  'bulk-photo-view-hour': 'photos at a steady pace below the limit of ten minutes',
  'bulk-photo-view-minute': 'photos faster than a person looks',
  'bulk-reveal': 'plain fields of many customers; refused and frozen',
  'bulk-reveal-day': 'plain fields, low and slow',
  'bulk-search': 'lists paged through',
  'bulk-view': 'records within ten minutes',
  'bulk-view-day': 'records, low and slow',
  'bulk-view-hour': 'records at a steady pace',
  'bulk-view-minute': 'records opened by a script',
  'canary-record': 'a decoy that is opened',
  'closed-account': 'somebody who left signs in',
  'colleagues-records': 'colleagues looked up one after the other',
  'consent-missing': 'data asked for without consent or purpose, again and again',
  'credential-stuffing': 'stolen pairs of names and passwords, many addresses',
  'dormant-account': 'an account that nobody used for months',
  'factor-change-then-bulk': 'an account made one’s own, then emptied',
  'frozen-account-activity': 'a frozen account goes on trying',
  'gateway-silent': 'a gateway that went without a word',
  'guessed-sign-in': 'a guess that was right in the end',
  'impossible-travel': 'one account in two countries',
  'large-transaction-off-hours': 'a large amount moved at night, in another system',
  'many-exports': 'one list cut into many files',
  'new-device-then-bulk': 'an account taken over',
  'off-hours-access': 'customer data at night',
  'off-hours-bulk': 'photos and plain fields at night',
  'one-browser-many-accounts': 'passwords shared or collected',
  'password-spraying': 'a few guesses at each of many accounts',
  'permission-probing': 'trying what one may not do',
  'purpose-shopping': 'purposes tried until one fits',
  'rare-export': 'a file made by somebody whose work has none',
  'record-guessing': 'ids tried one after the other',
  'relative-record': 'data of one’s own household, or one’s own',
  'reveal-id-numbers': 'ID numbers in the clear',
  'rights-changed-in-bulk': 'the rights of many people changed',
  'risk-score': 'odd in several small ways',
  'search-spree-then-export': 'a list collected name by name, then taken out',
  'self-granted-rights': 'rights given to oneself',
  'sequential-crawl': 'customers opened in the order of their creation',
  'session-in-another-browser': 'a copied session',
  'session-on-another-network': 'a session carried elsewhere',
  'sign-in-failures-account': 'a password guessed',
  'sign-in-failures-address': 'guesses from one address',
  'source-silent': 'a source that stopped sending',
  'totp-guessing': 'a code guessed by somebody who has the password',
  'totp-guessing-day': 'codes guessed slowly',
  'unusual-volume-day': 'low and slow, below every fixed limit',
}

describe('the shipped rules', () => {
  it('load without a problem', () => expect(pack.problems).toEqual([]))

  it('are these, one a file of its name', () => {
    const alerting = pack.rules.filter((rule) => rule.alerts)
    expect(alerting.map(({ name }) => name).sort()).toEqual(Object.keys(mustCatch))
    expect(alerting.filter(({ file, name }) => file !== `${name}.yml`)).toEqual([])
  })

  it('each alert in both languages, and tell their numbers, clauses and what to do', () => {
    for (const { name, custodia } of pack.rules.filter((rule) => rule.alerts))
      expect({ name, text: custodia.text }).toEqual({ name, text: { en: expect.any(String), zh: expect.any(String) } })
    for (const file of ruleFiles) {
      for (const key of ['numbers', 'clauses']) expect(read(file)).toContain(`  ${key}:`)
      expect(read(file)).toMatch(/\n {2}runbook:\n {4}en: [^]+\n {4}zh: '[^']+/)
    }
  })

  it('have an id of their own each', () => {
    const ids = ruleFiles.map((file) => /^id: ([0-9a-f-]{36})$/m.exec(read(file))?.[1])
    expect(new Set(ids).size).toBe(ruleFiles.length)
    expect(ids).not.toContain(undefined)
  })

  it('freeze for bulk alone: a stranger’s guesses lock nobody out', () => {
    const freezing = pack.rules.filter(({ custodia }) => custodia.respond.some((response) => response.do === 'freeze'))
    expect(freezing.map(({ name }) => name).sort()).toEqual([
      'bulk-export',
      'bulk-photo-download',
      'bulk-photo-view',
      'bulk-reveal',
    ])
  })

  it('have no cases without a rule', () => {
    const orphans = names.filter((name) => name.endsWith('.cases.yml') && !names.includes(name.replace('.cases', '')))
    expect(orphans).toEqual([])
  })

  describe.each(ruleFiles)('%s', (file) => {
    const cases = readRuleCases(read(file.replace('.yml', '.cases.yml')))
    const rule = pack.rules.find((one) => one.file === file && one.alerts)
    const run = [
      ...cases.fires.map((one) => ({ ...one, kind: 'fires' })),
      ...cases.silent.map((one) => ({ ...one, kind: 'stays silent' })),
    ]
    it.each(run)('$kind: $name', (one) => {
      expect(one.alerts.length > 0).toBe(one.kind === 'fires')
      expect(differences(pack.rules, rule?.name ?? '', one)).toEqual([])
    })
  })
})
