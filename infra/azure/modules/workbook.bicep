// What an operator looks at first: is it taking, is it working, is it delivering, is the record whole.

@description('Region.')
param location string
@description('Tags of every resource.')
param tags object
@description('Workspace that the queries read.')
param workspaceId string

// As in alerts.bicep.
var metrics = '''
  let Metrics = AppTraces
  | where Message startswith "{"
  | extend Line = parse_json(Message)
  | where tostring(Line.event) == "metric"
  | project TimeGenerated, Name = tostring(Line.name), Labels = Line.labels, Count = todouble(Line.count), Sum = todouble(Line.sum), Max = todouble(Line.max), P95 = todouble(Line.p95), P99 = todouble(Line.p99);
'''

var charts = [
  {
    title: 'Taken, by answer (messages a minute)'
    query: '''
      Metrics | where Name == "hl7.intake.messages" | summarize sum(Sum) by bin(TimeGenerated, 1m), tostring(Labels.ack)
    '''
  }
  {
    title: 'Time to the answer (s: p95, p99)'
    query: '''
      Metrics | where Name == "hl7.intake.ack.duration" | summarize max(P95), max(P99) by bin(TimeGenerated, 5m)
    '''
  }
  {
    title: 'Waiting: messages, and the age of the oldest (s)'
    query: '''
      Metrics | where Name in ("inbox.depth", "inbox.oldest.age") | summarize max(Max) by bin(TimeGenerated, 1m), Name
    '''
  }
  {
    title: 'To be delivered: age of the oldest, by destination (s)'
    query: '''
      Metrics | where Name == "outbox.oldest.age" | summarize max(Max) by bin(TimeGenerated, 1m), tostring(Labels.dest)
    '''
  }
  {
    title: 'Held, by reason'
    query: '''
      Metrics | where Name == "quarantine.count" | summarize max(Max) by bin(TimeGenerated, 5m), tostring(Labels.reason)
    '''
  }
  {
    title: 'Critical results: open, overdue'
    query: '''
      Metrics | where Name in ("alert.open", "alert.overdue") | summarize max(Max) by bin(TimeGenerated, 1m), Name
    '''
  }
  {
    title: 'Timers: worst lateness (s)'
    query: '''
      Metrics | where Name == "timer.lateness" | summarize max(Max) by bin(TimeGenerated, 1m)
    '''
  }
  {
    title: 'Audit: age of the last anchor (s)'
    query: '''
      Metrics | where Name == "audit.anchor.age" | summarize max(Max) by bin(TimeGenerated, 1m)
    '''
  }
  {
    title: 'Approvals: decided, and decided by somebody else meanwhile'
    query: '''
      Metrics | where Name in ("approval.decisions", "approval.conflicts") | summarize sum(Sum) by bin(TimeGenerated, 15m), Name
    '''
  }
  {
    title: 'Turned away'
    query: '''
      Metrics | where Name == "authz.denied" | summarize sum(Sum) by bin(TimeGenerated, 15m), tostring(Labels.action)
    '''
  }
]

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'radloop')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Radloop'
    category: 'workbook'
    sourceId: workspaceId
    version: '1.0'
    serializedData: string({
      version: 'Notebook/1.0'
      items: map(charts, chart => {
        type: 3
        name: chart.title
        content: {
          version: 'KqlItem/1.0'
          title: chart.title
          query: '${metrics}${chart.query}'
          size: 1
          timeContext: {
            durationMs: 14400000
          }
          queryType: 0
          resourceType: 'microsoft.operationalinsights/workspaces'
          crossComponentResources: [workspaceId]
          visualization: 'linechart'
        }
      })
      fallbackResourceIds: [workspaceId]
    })
  }
}
