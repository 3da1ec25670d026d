import { TOOLS, argumentsOf } from '#bot/mcp/tools.js';

describe('the tools of the MCP server', () => {
  it('are these and no more: who adds one says here that it neither decides, releases, acknowledges, reads back nor declines', () => {
    expect(TOOLS.map(({ name }) => name)).toEqual(['list_waiting_tasks', 'show_case_status', 'show_case_history', 'show_system_status']);
  });

  it('are named after reading', () => {
    expect(TOOLS.filter(({ name }) => !/^(?:list|show)_/u.test(name))).toEqual([]);
  });

  it('have flat inputs: no reference, one type a field', () => {
    for (const { inputSchema } of TOOLS) {
      expect(JSON.stringify(inputSchema)).not.toMatch(/\$ref|\$defs|anyOf|oneOf|allOf|"type":\[/u);
      for (const field of Object.values(inputSchema.properties)) expect(Object.keys(field).sort()).toEqual(['description', 'type']);
    }
  });

  it('say in a sentence what is wrong with an input', () => {
    const [list, show] = TOOLS;
    if (list === undefined || show === undefined) throw new Error('a tool is missing');
    expect(argumentsOf(list, { caseNumber: '7KF3QN' })).toEqual({ wrong: 'This tool takes nothing, and something else was given.' });
    expect(argumentsOf(show, {})).toMatchObject({ wrong: expect.stringMatching(/^caseNumber is missing: Case number/u) });
    expect(argumentsOf(show, { caseNumber: 7 })).toEqual({ wrong: 'caseNumber must be text of at most 100 characters.' });
    expect(argumentsOf(show, { caseNumber: '7KF3QN' })).toEqual({ caseNumber: '7KF3QN' });
  });
});
