// Counts what a listener of orders must have made of what was sent, from the bytes on the wire alone. Shares no code with Radloop: it splits HL7 in the
// plainest way there is (line ends, |, ^; a byte order mark is dropped), which is enough for counting.
//
//   node count-orders.mjs SENT ANSWERED PROCEDURE_MAP FOLDER
//
// SENT, ANSWERED: MLLP streams of one connection: one answer for each message, in enhanced mode (MSH-15, MSH-16) those that it asks for. FOLDER: the files that were sent. Prints one JSON line.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const [sentFile, answeredFile, mapFile, folder] = process.argv.slice(2);

const read = (file) => readFileSync(file, 'latin1').replaceAll('\xef\xbb\xbf', '');
const frames = (file) =>
  read(file)
    .split('\x0b')
    .slice(1)
    .map((frame) => frame.slice(0, frame.indexOf('\x1c')));
const fieldsOf = (line) => (line.startsWith('MSH') ? ['MSH', '|', ...line.split('|').slice(1)] : line.split('|'));
const parse = (text) =>
  text
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '')
    .map(fieldsOf);
const first = (lines, name) => lines.find((line) => line[0].trim() === name) ?? [];
const part = (field, n) => ((field ?? '').split('^')[n - 1] ?? '').trim();

// Placer number and its assigner, else filler number and its assigner; in ORC, else in OBR.
function keyOf(lines) {
  for (const at of [2, 3]) {
    for (const name of ['ORC', 'OBR']) {
      const field = first(lines, name)[at];
      if (part(field, 1) !== '') return `${at === 2 ? 'placer' : 'filler'} ${part(field, 1)} of ${part(field, 2) || part(field, 3)}`;
    }
  }
  return null;
}

const patientsOf = (lines) =>
  (first(lines, 'PID')[3] ?? '')
    .split('~')
    .filter((one) => part(one, 1) !== '')
    .map((one) => `${part(one, 1)} ${part(one, 4)}`);

const notImaging = new Set(JSON.parse(readFileSync(mapFile, 'utf8')).notImaging.map((row) => row.code));
const sent = frames(sentFile).map(parse);
const answers = frames(answeredFile).map((text) => part(first(parse(text), 'MSA')[1], 1));
const isOrder = (lines) => part(first(lines, 'MSH')[9], 1) === 'ORM';

// What was answered to each message in the end: the application's word, else that it was committed.
const asks = (condition) => condition !== '' && condition !== 'NE';
let at = 0;
let missing = 0;
const answerOf = (lines) => {
  const header = first(lines, 'MSH');
  const [accept, application] = [part(header[15], 1), part(header[16], 1)];
  // An answer is not answered.
  if (first(lines, 'MSA').length > 0 && !asks(accept)) return 'none';
  if (accept === '' && application === '') {
    if (answers[at] === undefined) missing += 1;
    return answers[at++];
  }
  const commit = asks(accept) && /^C/.test(answers[at] ?? '') ? answers[at++] : null;
  if (commit === 'CE' || commit === 'CR') return commit === 'CE' ? 'AE' : 'AR';
  return asks(application) && /^A/.test(answers[at] ?? '') ? answers[at++] : commit === 'CA' ? 'AA' : 'none';
};

// Each order of a message with the lines that stand before the first one: what follows an ORC is its order's; an ORC without a number has one a numbered OBR.
function ordersOf(lines) {
  const starts = lines.flatMap((line, index) => (line[0].trim() === 'ORC' ? [index] : []));
  const head = lines.slice(0, starts[0]);
  return starts.flatMap((start, index) => {
    const own = lines.slice(start, starts[index + 1]);
    const [control] = own;
    const requests = own.filter((line) => line[0].trim() === 'OBR');
    const isNumbered = part(control[2], 1) !== '' || part(control[3], 1) !== '';
    const numbers = new Set(requests.map((line) => `${line[2]} ${line[3]}`));
    return isNumbered || numbers.size < 2 ? [[...head, ...own]] : requests.map((request) => [...head, control, request]);
  });
}

const acks = {};
const orders = new Map();
const onlyLater = new Set();
const noImaging = new Set();
const held = new Map();
const seen = new Set();
let multiple = 0;
sent.forEach((lines) => {
  const answer = answerOf(lines);
  if (!isOrder(lines)) return;
  acks[answer] = (acks[answer] ?? 0) + 1;
  if (answer !== 'AA') return;
  // The same bytes again are no second message.
  const whole = JSON.stringify(lines);
  if (seen.has(whole)) return;
  seen.add(whole);
  const inMessage = new Set();
  for (const order of ordersOf(lines)) {
    const control = part(first(order, 'ORC')[1], 1);
    const key = keyOf(order);
    // Groups that ask the same of one order are one order with several procedures.
    if (!['NW', 'XO', 'CA'].includes(control) || inMessage.has(`${control} ${key}`)) continue;
    if (inMessage.size > 0) multiple += 1;
    inMessage.add(`${control} ${key}`);
    const known = orders.get(key);
    if (control === 'NW' && notImaging.has(part(first(order, 'OBR')[4], 1))) noImaging.add(key);
    else if (known !== undefined) {
      if (!patientsOf(order).some((patient) => known.includes(patient))) held.set(key, (held.get(key) ?? 0) + 1);
    } else if (control === 'NW') orders.set(key, patientsOf(order));
    else onlyLater.add(key);
  }
});

let inFolder = 0;
const walk = (path) => {
  if (statSync(path).isDirectory()) for (const name of readdirSync(path)) walk(join(path, name));
  else for (const line of read(path).split(/[\r\n]+/)) if (/^MSH\|/.test(line) && part(line.split('|')[8], 1) === 'ORM') inFolder += 1;
};
walk(folder);

process.stdout.write(
  `${JSON.stringify({
    inFolder,
    frames: sent.length,
    answered: sent.length - missing,
    strayAnswers: answers.length - at,
    furtherOrders: multiple,
    orderMessages: sent.filter(isOrder).length,
    acks,
    orders: orders.size,
    notImaging: noImaging.size,
    withoutNew: [...onlyLater].filter((key) => !orders.has(key)).length,
    heldOrders: held.size,
    heldMessages: [...held.values()].reduce((sum, count) => sum + count, 0),
  })}\n`,
);
