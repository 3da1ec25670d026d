/**
 * JavaScript for the page that cards are drawn in, as text: it knows a document, which nothing else here may.
 * drawCard(card, hostConfig) draws; faultsOf(leastContrast) names what a person would see go wrong: text that is cut, runs out or lies over other text, text that can't be
 * read on its ground, and text that the client made something else of (a link, bold, a mention).
 */
export const IN_PAGE = String.raw`
function drawCard(json, hostConfig) {
  const { AdaptiveCard, HostConfig } = window.AdaptiveCards;
  AdaptiveCard.onProcessMarkdown = (text, result) => {
    result.outputHtml = text.replace(/\\(.)/gu, '$1').replace(/&/gu, '&amp;').replace(/</gu, '&lt;');
    result.didProcess = true;
  };
  const card = new AdaptiveCard();
  card.hostConfig = new HostConfig(hostConfig);
  card.parse(json);
  document.querySelector('#card').replaceChildren(card.render());
}

function colour(text) {
  const [red = 0, green = 0, blue = 0, alpha = 1] = (text.match(/[\d.]+/gu) ?? []).map(Number);
  return [red, green, blue, alpha];
}

function over(top, below) {
  const mix = (n) => top[n] * top[3] + below[n] * (1 - top[3]);
  return [mix(0), mix(1), mix(2), 1];
}

/** Of the card that is drawn now: each element asks for that of its parents. */
let grounds = new Map();
function ground(element) {
  if (element === null) return [255, 255, 255, 1];
  const known = grounds.get(element);
  if (known !== undefined) return known;
  const own = colour(getComputedStyle(element).backgroundColor);
  const found = own[3] >= 1 ? own : over(own, ground(element.parentElement));
  grounds.set(element, found);
  return found;
}

function luminance(parts) {
  const [r, g, b] = parts.slice(0, 3).map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrastOf(element) {
  const behind = ground(element);
  const [high, low] = [luminance(over(colour(getComputedStyle(element).color), behind)), luminance(behind)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

/** Lines of text that lie over one another, by more than the pixels that the boxes of neighbouring lines share. */
function overlapsOf() {
  const lines = [];
  const walker = document.createTreeWalker(document.querySelector('#card'), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (node.textContent.trim() === '' || node.parentElement.closest('option, textarea, datalist') !== null) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) if (box.width > 1) lines.push({ box, words: node.textContent.slice(0, 30) });
  }
  const over = ({ box: a }, { box: b }) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 6;
  return lines.flatMap((one, n) => lines.slice(n + 1).filter((other) => over(one, other)).map((other) => 'overlap: ' + one.words + ' / ' + other.words));
}

function faultsOf(leastContrast) {
  grounds = new Map();
  const root = document.documentElement;
  const found = root.scrollWidth > root.clientWidth ? ['the page is wider than the screen'] : [];
  for (const element of document.querySelectorAll('#card *')) {
    if (element.getClientRects().length === 0) continue;
    const words = (element.textContent ?? '').slice(0, 40);
    const style = getComputedStyle(element);
    const cutsSideways = style.overflowX === 'hidden' && style.display !== 'inline';
    if (cutsSideways && element.scrollWidth > element.clientWidth + 1) found.push('cut at the side: ' + words);
    if (style.overflowY === 'hidden' && element.scrollHeight > element.clientHeight + 1) found.push('cut below: ' + words);
    if (![...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== '')) continue;
    const box = document.createRange();
    box.selectNodeContents(element);
    if (box.getBoundingClientRect().right > root.clientWidth + 1) found.push('leaves the screen: ' + words);
    const contrast = contrastOf(element);
    if (contrast < leastContrast) found.push('contrast ' + contrast.toFixed(1) + ': ' + words);
  }
  const made = document.querySelectorAll('#card a, #card b, #card at, #card img, #card script, #card iframe');
  return [...found, ...overlapsOf(), ...[...made].map((element) => 'not only text: ' + element.outerHTML.slice(0, 80))];
}
`;
