/**
 * Advisory locks: whoever holds one is alone in its work among all processes. They stand together so that each has a number
 * of its own: works that share one wait for each other, and a freeze would not be published before a backup has ended.
 */
export const locks = {
  migrating: 7_345_001,
  publishing: 7_345_002,
  /** shared by who removes photo objects, alone by a backup while it copies them */
  photoRemovals: 7_345_003,
  drill: 7_345_004,
  announcing: 7_345_005,
  backup: 7_345_006,
  importing: 7_345_007,
  rules: 7_345_008,
  reviewing: 7_345_009,
} as const
