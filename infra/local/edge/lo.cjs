// Loaded before the Agents Playground. It would listen on every interface, with an endpoint through which anybody could act as any clinician:
// this keeps it on loopback. And it ends when the edge does, however the edge ended: its standard input is a pipe from there.
const net = require('node:net');
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (first, ...rest) {
  if (typeof first === 'object' && first !== null) return listen.call(this, { ...first, host: '127.0.0.1' }, ...rest);
  return listen.call(this, { port: Number(first ?? 0), host: '127.0.0.1' }, ...rest.filter((one) => typeof one === 'function'));
};
process.stdin
  .on('end', () => process.exit(0))
  .on('error', () => process.exit(0))
  .resume();
