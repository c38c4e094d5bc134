const texts = new WeakMap<object, string>()

/**
 * The JSON of a record, made once. Only for records that are replaced and never changed, such as instances and services:
 * one registration writes the same text to its row, to the journal and to its answer.
 */
export function jsonText(record: object): string {
  let text = texts.get(record)
  if (text === undefined) {
    text = JSON.stringify(record)
    texts.set(record, text)
  }
  return text
}

let last: object | null = null
let lastText = ''

/**
 * The same for a record whose text is needed for its row and its journal entry, one behind the other, and not again: the
 * last one is remembered instead of all. An entry in a WeakMap is dear, and dearer still to collect: 4% of a lock's time.
 */
export function jsonTextNow(record: object): string {
  const text = texts.get(record)
  if (text !== undefined) return text
  if (record !== last) {
    lastText = JSON.stringify(record)
    last = record
  }
  return lastText
}
