import { randomFrom } from './random.js'

const skins = ['#f2d3b8', '#ecc6a4', '#e3b78f', '#f6dcc6', '#d9a981']
const hairs = ['#1d1a19', '#2b2321', '#3a2d28', '#17181c']
const shirts = ['#2f4a6d', '#7b2f3a', '#3d5a4a', '#4b4b52', '#8a6a3f', '#5b4a7a', '#e8e6e1']

/** A face of plain shapes in a box of 200 × 250: always the same for a person, and nobody's. */
export function portrait(seed: number, male: boolean, backdrop: string): string {
  const random = randomFrom(seed ^ 0x5eed)
  const skin = random.pick(skins)
  const hair = random.next() < 0.12 ? '#8d8a86' : random.pick(hairs)
  const shirt = random.pick(shirts)
  const width = random.between(44, 52) // half of the face's
  const height = random.between(60, 68)
  const eyes = random.between(98, 104)
  const apart = random.between(19, 23)
  const smile = random.between(5, 12)
  const brow = random.between(-3, 3)
  const chin = 108 + height
  const parts = [
    `<rect width="200" height="250" fill="${backdrop}"/>`,
    male ? '' : longHair(hair, width, random.between(176, 232)),
    `<path d="M12 250Q14 202 64 194L100 204L136 194Q186 202 188 250Z" fill="${shirt}"/>`,
    `<path d="M80 ${chin - 24}V194Q100 214 120 194V${chin - 24}Z" fill="${skin}"/>`,
    `<path d="M80 ${chin - 14}Q100 ${chin + 10} 120 ${chin - 14}V${chin - 4}Q100 ${chin + 14} 80 ${chin - 4}Z" fill="#000" fill-opacity=".12"/>`,
    ear(100 - width, skin),
    ear(100 + width, skin),
    `<path d="M${100 - width} 92Q${100 - width} ${108 - height} 100 ${108 - height}Q${100 + width} ${108 - height} ${100 + width} 92Q${100 + width} ${chin - 26} 100 ${chin}Q${100 - width} ${chin - 26} ${100 - width} 92Z" fill="${skin}"/>`,
    fringe(hair, width, height, male, random.between(0, 2)),
    eye(100 - apart, eyes, brow, hair),
    eye(100 + apart, eyes, -brow, hair),
    `<path d="M100 ${eyes + 4}Q${random.between(93, 96)} ${eyes + 28} 101 ${eyes + 28}" fill="none" stroke="#000" stroke-opacity=".28" stroke-width="2.4" stroke-linecap="round"/>`,
    `<path d="M84 ${eyes + 45}Q100 ${eyes + 45 + smile} 116 ${eyes + 45}" fill="none" stroke="${male ? '#a05a50' : '#b8434c'}" stroke-width="${male ? 3 : 4.4}" stroke-linecap="round"/>`,
    random.next() < 0.3 ? glasses(eyes, apart) : '',
    male && random.next() < 0.15
      ? `<path d="M86 ${eyes + 37}Q100 ${eyes + 32} 114 ${eyes + 37}" fill="none" stroke="${hair}" stroke-width="4"/>`
      : '',
  ]
  return parts.join('')
}

const ear = (x: number, skin: string) => `<ellipse cx="${x}" cy="108" rx="7" ry="12" fill="${skin}"/>`

const eye = (x: number, y: number, slant: number, hair: string) =>
  `<ellipse cx="${x}" cy="${y}" rx="8" ry="4.4" fill="#fff"/><circle cx="${x}" cy="${y}" r="3.9" fill="#2a1c14"/>` +
  `<path d="M${x - 9} ${y - 1}Q${x} ${y - 7} ${x + 9} ${y - 1}" fill="none" stroke="#241a16" stroke-width="1.8"/>` +
  `<path d="M${x - 11} ${y - 11 + slant}Q${x} ${y - 16} ${x + 11} ${y - 11 - slant}" fill="none" stroke="${hair}" stroke-width="3.2" stroke-linecap="round"/>`

const longHair = (hair: string, width: number, length: number) =>
  `<path d="M${90 - width} ${length}Q${78 - width} 30 100 30Q${122 + width} 30 ${110 + width} ${length}Z" fill="${hair}"/>`

/** How the hair falls over the forehead: combed to the left, to the right, or straight. */
function fringe(hair: string, width: number, height: number, male: boolean, style: number): string {
  const [left, right, top] = [98 - width, 102 + width, 108 - height - (male ? 12 : 8)]
  const side = male ? 92 : 104
  const lines = [
    `Q${right - 12} 74 ${100 + width / 3} 70Q${100 - width / 2} 72 ${left + 10} 84`,
    `Q${right - 14} 80 ${100 + width / 2} 68Q${100 - width / 3} 62 ${left + 12} 76`,
    `L${right - 8} 78Q100 ${male ? 68 : 88} ${left + 8} 78`,
  ]
  return `<path d="M${left} ${side}Q${left - 6} ${top} 100 ${top}Q${right + 6} ${top} ${right} ${side}${lines[style]}Z" fill="${hair}"/>`
}

const glasses = (y: number, apart: number) =>
  `<g fill="none" stroke="#333" stroke-width="2.2"><rect x="${86 - apart}" y="${y - 10}" width="28" height="21" rx="7"/>` +
  `<rect x="${86 + apart}" y="${y - 10}" width="28" height="21" rx="7"/><path d="M${114 - apart} ${y}Q100 ${y - 5} ${86 + apart} ${y}"/></g>`
