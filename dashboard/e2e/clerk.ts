import type { Locator } from 'playwright-core'
import { choose } from './choose.js'
import type { Customer } from './customers.js'
import type { Visitor } from './visitor.js'

/** Consent, fields, photo: as a clerk at the counter goes through it. */
export async function newCustomer({ page }: Visitor, customer: Customer, photo: Buffer): Promise<void> {
  await page.getByRole('button', { name: 'New customer' }).first().click()
  for (const agreed of ['Basic information', 'Contact details', 'ID number', 'ID photos', 'Identity check'])
    await page.getByRole('checkbox', { name: agreed }).click()
  await page.getByText('Signature', { exact: true }).click()
  await page.getByRole('button', { name: 'Continue' }).click()

  const main = page.getByRole('main')
  await main.getByLabel('Name', { exact: true }).fill(customer.name)
  await main.getByLabel('ID number').fill(customer.id_number)
  await choose(main, 'Choose', 'Car loan')
  await main.getByLabel('Phone').fill(customer.phone)
  await main.getByLabel('E-mail').fill(customer.email)
  await main.getByLabel('Address').fill(customer.address)
  await main.getByRole('button', { name: 'Create the customer' }).click()

  const front = page.getByRole('region', { name: 'ID front' })
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    front.getByRole('button', { name: 'Choose a file' }).click(),
  ])
  await chooser.setFiles({ name: 'front.jpg', mimeType: 'image/jpeg', buffer: photo })
  await front.getByRole('button', { name: 'Upload' }).click()
  await front.getByText('uploaded').waitFor()
  await page.getByRole('button', { name: 'Open the customer' }).click()
  await page.getByRole('button', { name: /^Open ID front/ }).waitFor()
}

/** From the name in the search field to the photo on the screen; returns how many actions it took after the search. */
export async function findPhoto({ page }: Visitor, customer: Customer): Promise<number> {
  let actions = 0
  const click = async (what: Locator) => {
    await what.click()
    actions++
  }
  await page.getByRole('link', { name: 'Customers', exact: true }).click()
  await page.getByPlaceholder('Name or its beginning').fill(customer.name)
  const found = page
    .getByRole('main')
    .getByRole('row')
    .filter({ hasText: customer.id_number.slice(-4) })
  await found.waitFor()
  await click(found)
  await click(page.getByRole('button', { name: /^Open ID front/ }))
  await click(page.getByRole('button', { name: 'Identity check' }))
  const photo = page.getByRole('dialog', { name: 'ID front' }).getByRole('img', { name: 'ID front' })
  await photo.evaluate((image) => (image as HTMLImageElement).decode())
  return actions
}

export const closePhoto = ({ page }: Visitor): Promise<void> =>
  page.getByRole('dialog', { name: 'ID front' }).getByRole('button', { name: 'Close' }).click()

/** The page that tells a frozen person why, until when and whom to ask. */
export async function readWhyPaused({ page }: Visitor): Promise<string> {
  await page.getByRole('heading', { name: 'Access paused' }).waitFor()
  return page.getByRole('main').innerText()
}

export async function askToLift({ page }: Visitor, message: string): Promise<void> {
  await page.getByLabel('What were you doing?').fill(message)
  await page.getByRole('button', { name: 'Ask to lift it' }).click()
  await page.getByText('Your request has reached the security desk').waitFor()
}
