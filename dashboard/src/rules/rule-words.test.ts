import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { rules as en } from '../i18n/en/rules.js'
import { rules as zh } from '../i18n/zh-CN/rules.js'

const folder = new URL('../../../streams/rules/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.yml') && !name.endsWith('.cases.yml'))
const titleIn = (file: string): string | undefined =>
  /^title: (.+)$/m.exec(readFileSync(new URL(file, folder), 'utf8'))?.[1]

describe('the titles of the shipped rules', () => {
  it('are those of the files', () => {
    const told = Object.fromEntries(files.map((file) => [file.replace('.yml', ''), titleIn(file)]))
    expect(en.titles).toEqual(told)
  })

  it('are told in Chinese too', () => {
    expect(Object.keys(zh.titles).sort()).toEqual(Object.keys(en.titles).sort())
    for (const title of Object.values(zh.titles)) expect(title).toMatch(/\p{Script=Han}/u)
  })
})
