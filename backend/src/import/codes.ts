/** How a line of the report ends up. */
export type RowStatus = 'ok' | 'imported' | 'there' | 'refused' | 'failed' | 'not_reached' | 'unused'

/** Every reason of the report: stable code → what to do. Codes are for programs and people alike; values are never repeated. */
export const reasons = {
  ready: 'Nothing: it will be imported when the command runs with --apply.',
  imported: 'Nothing.',
  imported_before: 'Nothing: an earlier run of this import brought it in.',
  already_there: 'Nothing is changed: the branch has a customer with this ID number. Change that one on its page.',
  duplicate_in_file: 'An earlier row has the same ID number and branch: keep one of the two.',
  wrong_number_of_cells: 'The row has more or fewer cells than the header: look for an unquoted comma or line break.',
  missing_value: 'Fill in this column.',
  too_long: 'Shorten the value.',
  bad_characters: 'The value has characters that cannot be: damaged text, or control characters. Type it again.',
  invalid_id_number: 'Not a valid 18-character resident ID number: compare it with the card.',
  id_number_rounded: 'A spreadsheet has rounded the number (1.1E+17): format the column as text and fill it in again.',
  invalid_email: 'Not an e-mail address: correct it or leave it out.',
  unknown_business_type: 'Use one of car_loan, mortgage, insurance, deposit, car_sale, other, or their Chinese names.',
  too_many_tags: 'At most 20 tags of 32 characters.',
  invalid_date: 'Write dates as 2026-03-31.',
  unknown_owner: 'Name an active staff member or manager by user name, in the column or with --owner.',
  consent_missing: 'Say when consent was given: in the column, or with --consent-given for all rows.',
  consent_not_in_force: 'This consent lies in the future or has run out: nothing may be kept on it.',
  consent_not_covering:
    'The consent does not cover what this row brings: widen --consent-types, or leave the data out.',
  too_many_photos: 'At most 20 photos a row.',
  photo_unsafe_name: 'Name a file inside the photo folder, without .. and without a leading /.',
  photo_missing: 'There is no such file among the photos: correct the name or add the file.',
  photo_ambiguous: 'Several files fit this name: give the path inside the folder.',
  photo_used_twice: 'Another row, or another column, names the same photo: a photo belongs to one person.',
  photo_too_large: 'The file is over 20 MB: make it smaller.',
  photo_unreadable: 'The file cannot be read: look at its permissions, or make the archive again.',
  not_an_image: 'Not a whole JPEG, PNG or WebP picture: damaged, cut off or of another kind. Export it again.',
  image_too_large: 'The picture has more than 50 million pixels: make it smaller.',
  photo_unused: 'No row names this file: name it in a row, or ignore it.',
  could_not_store: 'The system could not store it. Nothing of it was kept: run the same command again.',
  stopped_before: 'The import ended before this row: run the same command again.',
} as const satisfies Record<string, string>

export type ReasonCode = keyof typeof reasons

/** Something about one row, and the column it is about. */
export interface Finding {
  code: ReasonCode
  column?: string
}

/** The whole import cannot be: one sentence that says what to do. Names files and columns, never values. */
export class ImportRefused extends Error {}
