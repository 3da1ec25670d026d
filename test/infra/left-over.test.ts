import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { end } from '../support/left-over.ts';

describe('a process that a test left behind', () => {
  it('is ended', async () => {
    const left = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(left, 'spawn');
    end(left.pid!);
    expect(await once(left, 'exit')).toEqual([null, 'SIGKILL']);
  });

  it('and has ended by itself meanwhile is no error', async () => {
    const gone = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
    await once(gone, 'exit');
    expect(() => {
      end(gone.pid!);
    }).not.toThrow();
  });
});
