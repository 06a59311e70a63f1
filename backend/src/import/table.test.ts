import { describe, expect, it } from '@jest/globals'
import { readHeader } from './columns.js'
import { readOptions } from './options.js'
import { readCustomerFile } from './read-rows.js'

const read = (text: string) => readCustomerFile(Buffer.from(text), { required: ['name', 'id_number'] })

describe('the columns of a table', () => {
  it.each([
    [
      ['姓名', '身份证号码（必填）', ' 手机号* '],
      ['name', 'id_number', 'phone'],
    ],
    [
      ['Customer Name', 'ID-Number', 'E-Mail'],
      ['name', 'id_number', 'email'],
    ],
    [
      ['客户姓名', '公民身份号码', '备注'],
      ['name', 'id_number', undefined],
    ],
  ])('%j are known as %j', (cells, fields) => {
    expect(readHeader(cells).fields).toEqual(fields)
  })

  it('can be mapped and left out by hand', () => {
    const map = new Map([
      ['谁', 'name'],
      ['手机', '-'],
    ])
    const { fields, ignored } = readHeader(['谁', '身份证', '手机'], map)
    expect([fields, ignored]).toEqual([['name', 'id_number', undefined], ['手机']])
  })

  it.each([
    [['姓名', 'Name', '身份证'], undefined, /Two columns are taken for name/],
    [['姓名'], new Map([['年龄', 'name']]), /does not have: 年龄/],
    [['姓名'], new Map([['姓名', 'age']]), /a field that does not exist/],
  ])('%j mapped by %j are refused', (cells, map, why) => {
    expect(() => readHeader(cells, map)).toThrow(why)
  })
})

describe('the rows of a table', () => {
  it.each([',', ';', '\t'])('are read with %j between the cells, and counted as a spreadsheet does', (between) => {
    const { rows } = read(`姓名|身份证号\n王|1\n|\n\n"李|四"|2\n`.replaceAll('|', between))
    expect(rows.map(({ row, values }) => [row, values.name])).toEqual([
      [2, '王'],
      [5, `李${between}四`],
    ])
  })

  it('with more or fewer cells than the header are found', () => {
    const { rows } = read('姓名,身份证号\n王,1,2\n李\n')
    expect(rows.map(({ findings }) => findings)).toEqual([
      [{ code: 'wrong_number_of_cells' }],
      [{ code: 'wrong_number_of_cells' }],
    ])
  })

  it.each([
    ['', /The file is empty/],
    ['姓名,电话\n王,1', /No column for id_number was found/],
    ['姓名,身份证号\n"王,1\n', /at line \d+: a quotation mark/],
  ])('of %j are refused as a whole', (text, why) => {
    expect(() => read(text)).toThrow(why)
  })
})

describe('the options of an import', () => {
  const good = ['--file', 'a/b.csv', '--consent', 'form', '--purposes', 'contract', '--as', 'eve']

  it('are a dry run by default, with the report beside the table', () => {
    expect(readOptions(good)).toMatchObject({ apply: false, report: 'a/b.csv.dry-run.csv', 'consent-way': 'paper' })
    expect(readOptions([...good, '--apply'])).toMatchObject({ apply: true, report: 'a/b.csv.import.csv' })
  })

  it.each([
    [[], /--file is missing\n--consent is missing\n--purposes is missing\n--as is missing/],
    [[...good, '--purposes', 'fun'], /--purposes: /],
    [[...good, '--map', 'x'], /--map: is written header=field/],
    [[...good, '--report', '/etc/passwd'], /--report: ends in .csv or .ndjson/],
    [[...good, '--force'], /Unknown option/],
    [['customers.csv'], /Unexpected argument/],
  ])('%j are refused', (flags, why) => {
    expect(() => readOptions(flags)).toThrow(why)
  })
})
