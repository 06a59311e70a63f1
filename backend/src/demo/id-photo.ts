import sharp from 'sharp'
import type { DemoPerson } from './people.js'
import { portrait } from './portrait.js'
import { randomFrom } from './random.js'
import { lettering } from './stroke-font.js'

export type DemoPhotoKind = 'id_front' | 'id_back' | 'face'

const ink = '#27303f'
const faded = '#5d7f93'

/**
 * A photo of an invented ID card, or of its holder: JPEG, the same for the same person and seed. It is drawn, marked as a
 * sample and resembles no real document, so that demo data can hurt nobody.
 */
export async function drawIdPhoto(kind: DemoPhotoKind, person: DemoPerson, seed: number): Promise<Buffer> {
  const svg =
    kind === 'face' ? face(person, seed) : onTable(kind === 'id_front' ? front(person, seed) : back(person), seed, kind)
  return sharp(Buffer.from(svg)).jpeg({ quality: 82 }).toBuffer()
}

const document = (width: number, height: number, content: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${content}</svg>`

function face(person: DemoPerson, seed: number): string {
  const mark = lettering('SAMPLE 样本', { x: 40, y: 436, size: 22, color: '#eef1f4', weight: 1.6 })
  return document(400, 500, `<g transform="scale(2)">${portrait(seed, person.male, '#c9d6df')}</g>${mark}`)
}

/** Nobody holds a card quite straight: a table, a shadow, a little tilt. */
function onTable(card: string, seed: number, kind: DemoPhotoKind): string {
  const random = randomFrom(seed ^ (kind === 'id_front' ? 0xf : 0xb))
  const table = random.pick(['#6b5744', '#4a5058', '#8a7a66', '#3f4a45', '#7c6f6a'])
  const tilt = (random.next() * 5 - 2.5).toFixed(2)
  const [x, y] = [random.between(26, 38), random.between(16, 26)]
  return document(
    640,
    404,
    `<defs><linearGradient id="paper" x2="1" y2="1"><stop stop-color="#f2f9fa"/><stop offset=".55" stop-color="#d6e3ec"/><stop offset="1" stop-color="#d9cfbd"/></linearGradient></defs>` +
      `<rect width="640" height="404" fill="${table}"/><g transform="translate(${x} ${y}) rotate(${tilt} 288 181) scale(.9)">` +
      `<rect x="6" y="9" width="640" height="404" rx="22" fill-opacity=".35"/>${card}</g>`,
  )
}

const paper = () => {
  const waves = Array.from(
    { length: 12 },
    (_, line) => `M0 ${30 + line * 31}q80 ${line % 2 ? 38 : -38} 160 0t160 0t160 0t160 0`,
  )
  return (
    `<rect width="640" height="404" rx="22" fill="url(#paper)"/>` +
    `<path d="${waves.join('')}" fill="none" stroke="#c1dae1" stroke-width="1"/>`
  )
}

const sample = `<g transform="rotate(-14 320 202)">${lettering('SAMPLE 样本', { x: 70, y: 196, size: 41, color: '#e6b4b4', weight: 1.5 })}</g>`

function front(person: DemoPerson, seed: number): string {
  const line = (at: number, label: string, value: string) =>
    lettering(label, { x: 40, y: at + 5, size: 9, color: faded }) +
    lettering(value, { x: 128, y: at, size: 17, color: ink, weight: 1.3 })
  return [
    paper(),
    sample,
    lettering('身份证', { x: 40, y: 34, size: 24, color: '#35617a', weight: 1.1 }),
    lettering('RESIDENT ID - DEMO', { x: 150, y: 42, size: 12, color: '#35617a' }),
    line(92, 'NAME', person.pinyin),
    line(138, 'SEX', person.male ? 'M' : 'F'),
    line(184, 'BORN', person.birth),
    line(230, 'CITY', person.city),
    `<svg x="432" y="72" width="168" height="210" viewBox="0 0 200 250">${portrait(seed, person.male, '#e4e9ec')}</svg>`,
    lettering('NO.', { x: 40, y: 337, size: 9, color: faded }),
    lettering(person.id_number, { x: 128, y: 330, size: 22, color: ink, weight: 1.4 }),
  ].join('')
}

/** No state's emblem: a seal of rings and rays that nobody uses. */
function back(person: DemoPerson): string {
  const rays = Array.from({ length: 16 }, (_, ray) => `<path d="M0 -30V-58" transform="rotate(${ray * 22.5})"/>`).join(
    '',
  )
  const issued = Number(person.birth.slice(0, 4)) % 10
  return [
    paper(),
    sample,
    `<g transform="translate(112 118)" fill="none" stroke="#b5483f" stroke-width="5">${rays}<circle r="66"/><circle r="22" fill="#b5483f"/></g>`,
    lettering('身份证', { x: 216, y: 72, size: 44, color: ink, weight: 1 }),
    lettering('RESIDENT ID - DEMO', { x: 218, y: 142, size: 17, color: ink }),
    lettering('ISSUED BY', { x: 120, y: 277, size: 9, color: faded }),
    lettering(`${person.city} DEMO OFFICE`, { x: 232, y: 272, size: 17, color: ink, weight: 1.3 }),
    lettering('VALID', { x: 120, y: 329, size: 9, color: faded }),
    lettering(`201${issued}.06.01-203${issued}.06.01`, { x: 232, y: 324, size: 17, color: ink, weight: 1.3 }),
  ].join('')
}
