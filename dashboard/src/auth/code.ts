export const CODE_LENGTH = 6

/** The digits of what was typed or pasted: “123 456” and full-width digits are welcome. */
export const digitsOf = (text: string): string => text.normalize('NFKC').replace(/\D/g, '').slice(0, CODE_LENGTH)
