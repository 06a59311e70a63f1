import { autocompletion, type CompletionSource } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { MergeView, unifiedMergeView } from '@codemirror/merge'
import { EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'

/** The colours of the page, by its variables: both themes at once. */
const look = [
  EditorView.theme({
    '&': { color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: '13px' },
    '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-1px' },
    '.cm-content': { fontFamily: 'var(--mono)', caretColor: 'var(--text)' },
    '.cm-gutters': { color: 'var(--text-2)', backgroundColor: 'var(--sunken)', border: 'none' },
    '.cm-cursor': { borderLeftColor: 'var(--text)' },
    '.cm-activeLine': { backgroundColor: 'transparent' },
    '&.cm-focused .cm-activeLine': { backgroundColor: 'var(--accent-soft)' },
    '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': { backgroundColor: 'var(--border-strong)' }, // prettier-ignore
    '.cm-tooltip': { color: 'var(--text)', backgroundColor: 'var(--raised)', border: '1px solid var(--border-strong)' },
    '.cm-tooltip-autocomplete ul li[aria-selected]': { color: 'var(--text)', backgroundColor: 'var(--accent-soft)' },
    '.cm-collapsedLines': { color: 'var(--text-2)', background: 'var(--sunken)' },
    '.cm-collapsedLines:before, .cm-collapsedLines:after': { content: '"⋯"' }, // its own sign is in no font here
    '.cm-changedLine, .cm-merge-a .cm-changedLine, .cm-merge-b .cm-changedLine': { backgroundColor: 'var(--accent-soft)' }, // prettier-ignore
  }),
  syntaxHighlighting(
    HighlightStyle.define([
      { tag: tags.definition(tags.propertyName), color: 'var(--accent-text)' },
      { tag: [tags.string, tags.special(tags.string)], color: 'var(--fine-text)' },
      { tag: tags.comment, color: 'var(--text-3)', fontStyle: 'italic' },
      { tag: tags.keyword, color: 'var(--high-text)' },
    ]),
  ),
]

const words = [
  ...['title', 'name', 'id', 'status', 'description', 'level', 'logsource', 'detection', 'correlation', 'custodia'],
  ...['condition', 'type', 'rules', 'group-by', 'timespan', 'field', 'gt', 'gte', 'aliases', 'selection'],
  ...['respond', 'hold', 'mode', 'suppress', 'exceptions', 'clauses', 'text', 'runbook', 'numbers'],
  ...['event_count', 'value_count', 'value_sum', 'value_avg', 'value_percentile', 'temporal', 'temporal_ordered'],
  ...['alert', 'notify', 'step_up', 'throttle', 'mask', 'block', 'freeze', 'shadow', 'live', 'off'],
  ...['actor', 'action', 'outcome', 'customer_id', 'ip', 'country', 'device', 'branch', 'team', 'off_hours'],
]
const complete: CompletionSource = (context) => {
  const word = context.matchBefore(/[\w-]+/)
  return word && { from: word.from, options: words.map((label) => ({ label })) }
}

const readOnly: Extension = [EditorState.readOnly.of(true), EditorView.editable.of(false)]
const shown: Extension = [lineNumbers(), yaml(), EditorView.lineWrapping, look]

export interface CodeEditor {
  set(text: string): void
  show(problems: readonly { line: number | undefined; reason: string }[]): void
  destroy(): void
}

/** An editor of YAML. Escape, then Tab, leaves it: Tab alone indents. */
export const codeEditor = (
  parent: HTMLElement,
  text: string,
  label: string,
  changed: (text: string) => void,
): CodeEditor => {
  const view = new EditorView({
    parent,
    doc: text,
    extensions: [
      ...[
        shown,
        history(),
        drawSelection(),
        highlightActiveLine(),
        lintGutter(),
        autocompletion({ override: [complete] }),
      ],
      keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap, indentWithTab]),
      EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) changed(update.state.doc.toString())
      }),
    ],
  })
  return {
    set: (next) => {
      const old = view.state.doc.toString()
      if (next === old) return
      let from = 0
      while (from < Math.min(old.length, next.length) && old[from] === next[from]) from++
      let end = 0
      while (end < Math.min(old.length, next.length) - from && old.at(-1 - end) === next.at(-1 - end)) end++
      // only what differs: the cursor stays where it is
      view.dispatch({ changes: { from, to: old.length - end, insert: next.slice(from, next.length - end) } })
    },
    show: (problems) => {
      const { doc } = view.state
      const diagnostics = problems.map(({ line = 1, reason }): Diagnostic => {
        const { from, to } = doc.line(Math.min(Math.max(1, line), doc.lines))
        return { from, to, severity: 'error', message: reason }
      })
      view.dispatch(setDiagnostics(view.state, diagnostics))
    },
    destroy: () => view.destroy(),
  }
}

/** Two texts, what differs marked: side by side, or one below the other where there is no room for two columns. */
export const codeDifference = (
  parent: HTMLElement,
  before: string,
  after: string,
  labels: [string, string],
  {
    unchanged,
    narrow,
  }: {
    /** what folded lines say, with a $ where their number stands; undefined: none are folded */
    unchanged: string | undefined
    narrow: boolean
  },
): { destroy(): void } => {
  const phrases = unchanged === undefined ? [] : EditorState.phrases.of({ '$ unchanged lines': unchanged })
  const folded = unchanged !== undefined && { collapseUnchanged: { margin: 3 } }
  const side = (doc: string, label: string, ...more: Extension[]) => ({
    doc,
    extensions: [
      [shown, readOnly, phrases, EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' })],
      more,
    ],
  })
  if (!narrow) return new MergeView({ parent, a: side(before, labels[0]), b: side(after, labels[1]), ...folded })
  const merged = unifiedMergeView({ original: before, mergeControls: false, ...folded })
  return new EditorView({ parent, ...side(after, labels.join(' → '), merged) })
}
