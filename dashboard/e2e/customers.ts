import sharp from 'sharp'

/** Somebody who does not exist; every text is long and odd enough not to be found anywhere by chance. */
export interface Customer {
  name: string
  id_number: string
  phone: string
  email: string
  address: string
}

const surnames = ['欧阳', '司徒', '诸葛', '夏侯', '皇甫', '尉迟', '公孙', '慕容', '令狐', '端木']
const given = ['骁', '珺', '翊', '瑜', '霁', '淼', '焱', '颢', '琰', '澔']
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const two = (n: number): string => String(n).padStart(2, '0')

const withCheckDigit = (first17: string): string => {
  const sum = weights.reduce((total, weight, at) => total + weight * Number(first17[at]), 0)
  return first17 + '10X98765432'[sum % 11]
}

export const inventCustomer = (n: number): Customer => ({
  name: `${surnames[n % 10]}${given[Math.floor(n / 10) % 10]}${given[(n * 7 + 3) % 10]}`,
  id_number: withCheckDigit(`310105${1950 + (n % 50)}${two(1 + (n % 12))}${two(1 + (n % 28))}${String(307 + n)}`),
  phone: `1390517${4200 + n}`,
  email: `holder.${n}.quxiao@mail.example`,
  address: `上海市长宁区愚园路${730 + n}弄${1 + (n % 9)}号`,
})

export const valuesOf = (customer: Customer): string[] => Object.values(customer)

/** A JPEG of noise: no two pieces of it are alike, so that any piece of it can be looked for. */
export async function inventPhoto(n: number): Promise<Buffer> {
  const [width, height] = [320, 202]
  const pixels = Buffer.alloc(width * height * 3)
  let state = 0x9e3779b9 ^ (n + 1)
  for (let at = 0; at < pixels.length; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    pixels[at] = state & 0xff
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 80 })
    .withExif({ IFD0: { ImageDescription: 'taken at the counter' } })
    .toBuffer()
}
