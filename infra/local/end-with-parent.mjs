// Loaded into each part of an installation (children.ts). When whoever started it is gone, however that ended, this process ends too, and with it all that it
// started: in order if it can, at once after five seconds. Otherwise a launcher that was killed would leave its parts behind, with their ports and the lock of the store.
const parent = process.ppid;
let asked = false;
setInterval(() => {
  if (process.ppid === parent || asked) return;
  asked = true;
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => {
    // A part leads a group of its own.
    try {
      process.kill(-process.pid, 'SIGKILL');
    } catch {
      process.kill(process.pid, 'SIGKILL');
    }
  }, 5_000).unref();
}, 500).unref();
