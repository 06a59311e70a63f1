import { businessTypes, checkCharacterOf } from '@custodia/contracts'
import { cities, familyNames, givenCharacters, streets, tags } from './names.js'
import { randomFrom, type Random } from './random.js'

/** An invented customer. Everything is drawn from lists and numbers; who is really called so is a coincidence. */
export interface DemoPerson {
  name: string
  /** the name in Latin letters, for drawings that cannot rely on a Chinese font */
  pinyin: string
  /** the city, in Latin letters too */
  city: string
  male: boolean
  /** ISO date */
  birth: string
  id_number: string
  phone: string
  email: string
  address: string
  account_number: string
  business_type: (typeof businessTypes)[number]
  tags: string[]
}

/** The same person for the same seed, always. */
export function demoPerson(seed: number): DemoPerson {
  const random = randomFrom(seed)
  const male = random.next() < 0.5
  const { name, pinyin } = drawName(random, male)
  const city = random.pick(cities)
  const birth = drawBirth(random)
  return {
    name,
    pinyin,
    city: city.pinyin,
    male,
    birth,
    id_number: drawIdNumber(random, city.region, birth, male),
    // 170-0 to 170-9 numbers of the virtual operators; 555 keeps them recognisable as invented
    phone: `170${random.digits(1)}555${random.digits(4)}`,
    email: `${pinyin.toLowerCase().replace(/ /g, '.')}${random.between(10, 99)}@example.com`,
    address: `${city.name}${random.pick(streets)}${random.between(1, 300)}号${random.between(1, 30)}栋${random.between(1, 28)}0${random.between(1, 6)}室`,
    account_number: withLuhn(`622999${random.digits(12)}`),
    business_type: random.pick(businessTypes),
    tags: drawTags(random),
  }
}

function drawName(random: Random, male: boolean) {
  const [family, familyPinyin] = random.pick(familyNames)
  const characters = Array.from({ length: random.next() < 0.3 ? 1 : 2 }, () =>
    random.pick(male ? givenCharacters.male : givenCharacters.female),
  )
  const given = capitalise(characters.map(([, pinyin]) => pinyin).join(''))
  return {
    name: family + characters.map(([character]) => character).join(''),
    pinyin: `${capitalise(familyPinyin)} ${given}`,
  }
}

function drawBirth(random: Random): string {
  const [year, month, day] = [random.between(1950, 2006), random.between(1, 12), random.between(1, 28)]
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

/** The region's last two digits are 00: a city as a whole, which no real person's number has. */
function drawIdNumber(random: Random, region: string, birth: string, male: boolean): string {
  const sequence = String(random.between(0, 499) * 2 + (male ? 1 : 0)).padStart(3, '0')
  const first17 = `${region}${birth.replaceAll('-', '')}${sequence}`
  return first17 + checkCharacterOf(first17)
}

function drawTags(random: Random): string[] {
  const drawn = Array.from({ length: random.between(0, 3) }, () => random.pick(tags))
  return [...new Set(drawn)]
}

function withLuhn(digits: string): string {
  const sum = [...digits].reverse().reduce((total, digit, at) => {
    const value = Number(digit) * (at % 2 === 0 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return digits + ((10 - (sum % 10)) % 10)
}

const capitalise = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)
