/** Ticks once a second in a worker: a page that lies behind another one is itself let tick once a minute. */
setInterval(() => {
  postMessage(null);
}, 1000);
