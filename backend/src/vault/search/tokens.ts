import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'

/** By an address nobody is searched for: it is compared with those of staff alone. */
export type TokenField = 'name' | 'id_number' | 'phone' | 'address' | 'tag'
export interface SearchToken {
  field: TokenField
  token: Buffer
}
/** The fields that search runs on, in the clear, as they are sealed. */
export interface Searchable {
  name?: string
  id_number?: string
  phone?: string
  address?: string
  tags?: readonly string[]
}

/** How a value was cut: whole, its beginning, its last four characters, or two neighbouring characters. */
type Cut = 'whole' | 'begins' | 'ends' | 'pair'

/** 128 of the 256 bits: no clash among billions of tokens, half the room in the index. */
const tokenBytes = 16
/** A longer beginning than this is found by nobody; the whole value still is. */
export const longestBeginning = 24
const shortestBeginning: Record<TokenField, number> = {
  name: 1,
  id_number: 6,
  phone: 3,
  address: Infinity,
  tag: Infinity,
}

/** One spelling for the ways to write the same: compatibility forms, case and spaces do not matter. */
export const normalise = (value: string): string => value.normalize('NFKC').toLowerCase().replace(/\s+/gu, '')

/** Digits alone; the country code of mainland numbers is left out. */
export const normalisePhone = (value: string): string => {
  const digits = normalise(value).replace(/\D/g, '')
  return /^(00)?86(?=1\d{10}$)/.test(digits) ? digits.slice(-11) : digits
}

/**
 * A home in one spelling: letters and digits alone, without the country and the province before a city. Undefined without a
 * number: a street or a town is nobody's home.
 */
export function normaliseAddress(value: string): string | undefined {
  const plain = normalise(value)
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/^(中国|中华人民共和国)/, '')
    .replace(/^[^市]{2,8}?(省|自治区)(?=.*[市州盟区县])/u, '')
  return /\p{N}/u.test(plain) ? plain : undefined
}

const cjk = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u

/** Neighbouring pairs of CJK characters, so that a given name is found without its family name. */
export function cjkPairs(value: string): string[] {
  const characters = [...value]
  const pairs = characters.flatMap((character, at) => {
    const next = characters[at + 1]
    return next !== undefined && cjk.test(character) && cjk.test(next) ? [character + next] : []
  })
  return [...new Set(pairs)]
}

const beginningsOf = (field: TokenField, value: string): string[] => {
  const characters = [...value]
  const longest = Math.min(characters.length, longestBeginning)
  const beginnings: string[] = []
  for (let length = shortestBeginning[field]; length <= longest; length++)
    beginnings.push(characters.slice(0, length).join(''))
  return beginnings
}

/** Makes the tokens that search runs on. Whoever lacks the index key can neither make nor reverse them. */
export class SearchTokens {
  private readonly indexKey: KeyObject

  constructor(indexKey: Buffer) {
    this.indexKey = createSecretKey(indexKey) // hashing one term with a key given as bytes takes five times as long
  }

  /** Field and cut are part of what is hashed: the same text elsewhere is another token. */
  token(field: TokenField, cut: Cut, value: string): Buffer {
    return createHmac('sha256', this.indexKey).update(`${field}\0${cut}\0${value}`).digest().subarray(0, tokenBytes)
  }

  /** Every token of a customer's fields; the fields that are absent here have none. */
  of(values: Searchable): SearchToken[] {
    return [
      ...(values.name === undefined ? [] : this.ofName(normalise(values.name))),
      ...(values.id_number === undefined ? [] : this.ofNumber('id_number', normalise(values.id_number))),
      ...(values.phone === undefined ? [] : this.ofNumber('phone', normalisePhone(values.phone))),
      ...this.ofAddress(values.address),
      ...[...new Set((values.tags ?? []).map(normalise))].map((tag) => this.make('tag', 'whole', tag)),
    ]
  }

  ofAddress(address: string | undefined): SearchToken[] {
    const home = address === undefined ? undefined : normaliseAddress(address)
    return home === undefined ? [] : [this.make('address', 'whole', home)]
  }

  private ofName(name: string): SearchToken[] {
    return [
      this.make('name', 'whole', name),
      ...beginningsOf('name', name).map((beginning) => this.make('name', 'begins', beginning)),
      ...cjkPairs(name).map((pair) => this.make('name', 'pair', pair)),
    ]
  }

  private ofNumber(field: 'id_number' | 'phone', number: string): SearchToken[] {
    return [
      this.make(field, 'whole', number),
      this.make(field, 'ends', number.slice(-4)),
      ...beginningsOf(field, number).map((beginning) => this.make(field, 'begins', beginning)),
    ]
  }

  private make(field: TokenField, cut: Cut, value: string): SearchToken {
    return { field, token: this.token(field, cut, value) }
  }
}
