/** Without letters and digits that look alike on paper. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
export const PASSWORD_LENGTH = 16

/** A password to hand over: 16 characters in four groups; bytes that would favour some characters are thrown away. */
export const firstPassword = (random: (count: number) => Uint8Array): string => {
  const fair = 256 - (256 % ALPHABET.length)
  let text = ''
  while (text.length < PASSWORD_LENGTH) {
    for (const byte of random(PASSWORD_LENGTH)) {
      if (byte < fair && text.length < PASSWORD_LENGTH) text += ALPHABET[byte % ALPHABET.length]
    }
  }
  return text.replace(/(.{4})(?=.)/g, '$1-')
}
