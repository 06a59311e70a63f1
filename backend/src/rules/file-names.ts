/** What a file of this rule is called, and which rule a file is. */
export const fileOf = (name: string): string => `${name}.yml`
export const nameOf = (file: string): string => file.replace(/\.yml$/, '')
