/** Rules while people work on them: what a text says, would change, and whether its cases hold. */
export { acts, inOrder, type WhatChanges } from './what-changes.js'
export { TookTooLong, Workshop } from './workshop.js'
