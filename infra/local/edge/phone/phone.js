// A telephone's page for the rehearsal: it draws with `adaptivecards` what the edge delivered to one person, and answers through the edge as a Teams client does.
// It knows nothing of Radloop but what a card shows.
const { AdaptiveCard, HostConfig, ExecuteAction, SubmitAction } = window.AdaptiveCards;
const ADAPTIVE_CARD = 'application/vnd.microsoft.card.adaptive';
/** A Teams client waits so long for the answer to an invoke, then sends the same again, twice at most. */
const [PATIENCE_MS, MOST_SENDINGS] = [5_000, 3];

const person = new URL(location.href).searchParams.get('person') ?? '';
const me = await (await fetch(`/phone/data.json?person=${encodeURIComponent(person)}`)).json();
const dark = matchMedia('(prefers-color-scheme: dark)').matches;
const theme = dark ? 'dark' : 'default';
const hostConfig = new HostConfig(dark ? me.look.dark : me.look.light);
const byId = (id) => document.getElementById(id);
const make = (tag, className, words) => Object.assign(document.createElement(tag), { className, textContent: words ?? '' });

// Teams reads a little Markdown in a TextBlock; what is escaped is shown as it is.
AdaptiveCard.onProcessMarkdown = (text, result) => {
  result.outputHtml = text.replace(/\\(.)/gu, '$1').replace(/&/gu, '&amp;').replace(/</gu, '&lt;');
  result.didProcess = true;
};

/** @param press what a button of this card does, given the data with the inputs and whether it is an Action.Execute */
function drawn(json, press) {
  const card = new AdaptiveCard();
  card.hostConfig = hostConfig;
  card.parse(json);
  card.onExecuteAction = (action) => {
    if (action instanceof SubmitAction || action instanceof ExecuteAction) press(action.data ?? {}, action instanceof ExecuteAction ? action : null);
  };
  // A form that opens below the screen is brought into it, as Teams does.
  card.onInlineCardExpanded = (action, isExpanded) => {
    if (isExpanded) requestAnimationFrame(() => action.card.renderedElement?.scrollIntoView({ block: 'nearest' }));
  };
  return card.render();
}

async function act(body) {
  const id = crypto.randomUUID();
  for (let sending = 1; ; sending += 1) {
    try {
      const signal = body.kind === 'invoke' && sending < MOST_SENDINGS ? AbortSignal.timeout(PATIENCE_MS) : undefined;
      const answer = await fetch('/act', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ person, id, ...body }),
        signal,
      });
      return await answer.json();
    } catch {
      if (sending >= MOST_SENDINGS) return { status: 0 };
    }
  }
}

// Places, threads and messages ------------------------------------------------------------------------------------------------------------------

const tabs = [{ key: 'chat', name: 'Chat', channelId: null }, ...me.places];
let open = location.hash.slice(1) || 'chat';
/** Conversation that the next words go to; null: the private chat, or in a channel a new thread. */
let replyTo = null;
const threads = new Map();
const messages = new Map();

function threadOf(place, conversationId) {
  const key = place === 'chat' ? `chat ${threads.size}` : conversationId;
  const known = threads.get(key);
  if (known) return known;
  const element = make('section', 'thread');
  element.dataset.place = place;
  const list = make('div', '');
  element.append(list);
  if (place !== 'chat') {
    const reply = make('button', 'reply', 'Reply');
    reply.type = 'button';
    reply.addEventListener('click', () => writeTo(conversationId));
    element.append(reply);
  }
  threads.set(key, { element, list });
  element.hidden = place !== open;
  byId('messages').append(element);
  return threads.get(key);
}

function show({ place, conversationId, activityId, text, card, mine }) {
  const key = `${conversationId}\n${activityId}`;
  let element = messages.get(key);
  if (!element) {
    element = make('article', mine ? 'message mine' : 'message');
    messages.set(key, element);
    threadOf(place, conversationId).list.append(element);
  }
  const at = { conversationId, replyToId: activityId };
  const parts = [
    text ? make('p', '', text.replace(/<at>(.*?)<\/at>/gu, '@$1')) : null,
    card ? drawn(card, (data, execute) => void pressed(at, element, data, execute)) : null,
  ];
  element.replaceChildren(...parts.filter((part) => part !== null));
  const main = byId('messages');
  main.scrollTop = main.scrollHeight;
}

function goTo(place) {
  open = place;
  history.replaceState(null, '', `#${place}`);
  for (const tab of byId('places').children) tab.setAttribute('aria-selected', String(tab.dataset.place === place));
  for (const { element } of threads.values()) element.hidden = element.dataset.place !== place;
  writeTo(null);
  const main = byId('messages');
  main.scrollTop = main.scrollHeight;
}

function writeTo(conversationId) {
  replyTo = conversationId;
  const inChannel = open !== 'chat';
  byId('where').hidden = !inChannel;
  byId('where').firstElementChild.textContent =
    replyTo === null ? 'Starts a thread that mentions Radloop' : 'Replies in the thread, mentioning Radloop';
  byId('new-thread').hidden = replyTo === null;
  if (conversationId !== null) byId('words').focus();
}

// Buttons and the dialog ------------------------------------------------------------------------------------------------------------------------

async function pressed(at, element, data, execute) {
  if (execute !== null) {
    const { verb, title } = execute;
    const value = { action: { type: 'Action.Execute', title, verb, data }, trigger: 'manual' };
    const { status, body } = await act({ kind: 'invoke', name: 'adaptiveCard/action', ...at, value });
    if (status !== 200 || body === null) return noteUnder(element, 'Something went wrong. Please try again.', true);
    const failed = body.type === 'application/vnd.microsoft.error';
    if (body.type === ADAPTIVE_CARD) return element.replaceChildren(drawn(body.value, (more, again) => void pressed(at, element, more, again)));
    return noteUnder(element, failed ? body.value.message : body.value, failed);
  }
  if (data.msteams?.type === 'task/fetch') return dialog(at, 'task/fetch', data);
  // Outside a dialog Action.Submit is a message without words.
  await act({ kind: 'message', text: '', ...at, value: data });
}

function noteUnder(element, words, failed) {
  element.querySelector('.note')?.remove();
  element.append(make('p', failed ? 'note failed' : 'note', words));
}

async function dialog(at, name, data) {
  const shown = byId('shown');
  shown.setAttribute('aria-busy', 'true');
  if (!byId('dialog').open) {
    byId('title').textContent = '';
    shown.replaceChildren(make('p', '', 'Loading …'));
    byId('dialog').showModal();
  }
  const { status, body } = await act({ kind: 'invoke', name, ...at, value: { data, context: { theme } } });
  shown.removeAttribute('aria-busy');
  const task = body?.task;
  if (status !== 200) shown.replaceChildren(make('p', 'failed', 'Something went wrong. Please try again.'));
  else if (task?.type === 'continue') {
    byId('title').textContent = task.value.title;
    shown.replaceChildren(drawn(task.value.card.content, (more) => void dialog(at, 'task/submit', more)));
  } else if (task?.type === 'message') shown.replaceChildren(make('p', '', task.value));
  else byId('dialog').close();
  shown.scrollTop = 0;
}

// Start -----------------------------------------------------------------------------------------------------------------------------------------

byId('who').textContent = me.name;
document.title = `${me.name}: rehearsal phone`;
for (const { key, name } of tabs) {
  const tab = make('button', '', name);
  tab.type = 'button';
  tab.setAttribute('role', 'tab');
  tab.dataset.place = key;
  tab.addEventListener('click', () => goTo(key));
  byId('places').append(tab);
}
byId('close').addEventListener('click', () => byId('dialog').close());
byId('dialog').addEventListener('close', () => byId('shown').replaceChildren());
byId('new-thread').addEventListener('click', () => writeTo(null));
byId('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  const words = byId('words').value.trim();
  if (words === '') return;
  byId('words').value = '';
  const place = tabs.find(({ key }) => key === open);
  const conversationId = place.channelId === null ? me.chat : (replyTo ?? `${place.channelId};messageid=${Date.now()}`);
  show({ place: open, conversationId, activityId: crypto.randomUUID(), text: words, card: null, mine: true });
  void act({ kind: 'message', text: words, conversationId });
});
goTo(open);

for (let since = 0; ;) {
  try {
    const feed = await (await fetch(`/phone/feed?person=${encodeURIComponent(person)}&since=${since}&wait=10`)).json();
    for (const item of feed.items) show({ ...item, place: item.place === person ? 'chat' : item.place });
    for (const key of feed.gone) {
      messages.get(key)?.remove();
      messages.delete(key);
    }
    since = feed.next;
    document.body.dataset.upTo = String(since);
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}
