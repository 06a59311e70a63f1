/**
 * The content security policy takes styles from files, and from elements that carry the number which came with this page.
 * The component library writes such elements as it needs them and knows of no number, so they get it where they are made.
 */
export function signStyles(): void {
  const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce
  if (!nonce) return // the dev server sends no policy
  const create = document.createElement.bind(document)
  document.createElement = (name: string, options?: ElementCreationOptions) => {
    const element = create(name, options)
    if (element instanceof HTMLStyleElement) element.nonce = nonce
    return element
  }
}
