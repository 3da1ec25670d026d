// An alert for every objective of service (INVARIANTS section 4), and for what leads up to one. Each names the runbook that says what to do.
// The service writes its metrics as lines of its log (RADLOOP_TELEMETRY=lines), one a minute for each: counters and histograms of that minute, with the histogram's
// p95 and p99. So they come with the Functions host's own log, by its identity, and need no collector and no key.

@description('Region of the rules.')
param location string
@description('Tags of every resource.')
param tags object
@description('E-mail addresses; empty: nobody is written to.')
param emails array
@description('Where the runbooks can be read, without a slash at the end.')
param runbooksUrl string
@description('Workspace that the queries read.')
param workspaceId string
@description('Cosmos DB account.')
param cosmosAccountId string
@description('Service Bus namespace.')
param serviceBusId string

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-radloop'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'radloop'
    enabled: true
    emailReceivers: map(emails, email => {
      name: email
      emailAddress: email
      useCommonAlertSchema: true
    })
  }
}

var metrics = '''
  let Metrics = AppTraces
  | where Message startswith "{"
  | extend Line = parse_json(Message)
  | where tostring(Line.event) == "metric"
  | project TimeGenerated, Name = tostring(Line.name), Labels = Line.labels, Count = todouble(Line.count), Sum = todouble(Line.sum), Max = todouble(Line.max), P95 = todouble(Line.p95), P99 = todouble(Line.p99);
'''

// severity 0: somebody gets up. 1: somebody looks within the hour. 2: on the next working day.
// Each query gives one row for each minute (or case of it) that breaks the bound; `breaches` are so many in `window` that it counts.
var rules = [
  {
    name: 'acknowledged-not-finished'
    objective: 'Acked loss 0: an acknowledged message is finished within 60 s or held where a person sees it.'
    severity: 0
    runbook: 'backlog'
    window: 'PT5M'
    breaches: 2
    query: '''
      Metrics
      | where Name == "inbox.oldest.age"
      | summarize Worst = max(Max) by bin(TimeGenerated, 1m)
      | where Worst > 60
    '''
  }
  {
    name: 'lease-lost'
    objective: 'Duplicate effect 0: what could double one is work whose lease was lost to another instance.'
    severity: 0
    runbook: 'split-brain'
    window: 'PT10M'
    breaches: 3
    query: '''
      Metrics
      | where Name == "lease.lost"
      | summarize Lost = sum(Sum) by bin(TimeGenerated, 1m)
      | where Lost > 0
    '''
  }
  {
    name: 'answers-slow'
    objective: 'AA p99 at most 50 ms: from the whole message to its row and its answer.'
    severity: 1
    runbook: 'intake-refuses'
    window: 'PT15M'
    breaches: 3
    query: '''
      Metrics
      | where Name == "hl7.intake.ack.duration" and Count >= 20
      | summarize Worst = max(P99) by bin(TimeGenerated, 1m)
      | where Worst > 0.05
    '''
  }
  {
    name: 'card-slow'
    objective: 'Order to card p99 at most 5 s.'
    severity: 1
    runbook: 'teams-down'
    window: 'PT15M'
    breaches: 3
    query: '''
      Metrics
      | where Name == "outbox.oldest.age" and tostring(Labels.dest) == "teams"
      | summarize Worst = max(Max) by bin(TimeGenerated, 1m)
      | where Worst > 5
    '''
  }
  {
    name: 'critical-first-attempt-slow'
    objective: 'First attempt of a critical result p99 at most 1 s.'
    severity: 0
    runbook: 'alert-overdue'
    window: 'PT5M'
    breaches: 1
    query: '''
      Metrics
      | where Name == "alert.time_to_first_attempt"
      | summarize Worst = max(P99) by bin(TimeGenerated, 1m)
      | where Worst > 1
    '''
  }
  {
    name: 'critical-unowned'
    objective: 'No alert without an owner past its deadline.'
    severity: 0
    runbook: 'alert-overdue'
    window: 'PT5M'
    breaches: 1
    query: '''
      Metrics
      | where Name == "alert.overdue"
      | summarize Overdue = max(Max) by bin(TimeGenerated, 1m)
      | where Overdue > 0
    '''
  }
  {
    name: 'timer-late'
    objective: 'A timer fires at most 10 s late.'
    severity: 0
    runbook: 'clock-step'
    window: 'PT5M'
    breaches: 1
    query: '''
      Metrics
      | where Name == "timer.lateness"
      | summarize Worst = max(Max) by bin(TimeGenerated, 1m)
      | where Worst > 10
    '''
  }
  {
    name: 'write-back-slow'
    objective: 'Write-back p95 at most 30 s.'
    severity: 1
    runbook: 'destination-down'
    window: 'PT10M'
    breaches: 3
    query: '''
      Metrics
      | where Name == "outbox.oldest.age" and tostring(Labels.dest) != "teams"
      | summarize Worst = max(Max) by bin(TimeGenerated, 1m), Dest = tostring(Labels.dest)
      | where Worst > 30
    '''
  }
  {
    name: 'quarantine-unseen'
    objective: 'What is quarantined is seen within 60 s: it is told here at once.'
    severity: 1
    runbook: 'poison-burst'
    window: 'PT5M'
    breaches: 1
    query: '''
      Metrics
      | where Name == "quarantine.count"
      | summarize Held = max(Max) by bin(TimeGenerated, 1m), Reason = tostring(Labels.reason)
      | where Held > 0
    '''
  }
  {
    name: 'quarantine-uncleared'
    objective: 'What is quarantined is cleared within 4 h.'
    severity: 1
    runbook: 'one-key-held'
    window: 'PT4H'
    breaches: 47
    query: '''
      Metrics
      | where Name == "quarantine.count"
      | summarize Held = min(Max) by bin(TimeGenerated, 5m)
      | where Held > 0
    '''
  }
  {
    name: 'intake-unavailable'
    objective: 'Intake available 99.95 %.'
    severity: 0
    runbook: 'intake-refuses'
    window: 'PT5M'
    breaches: 1
    query: '''
      AppRequests
      | where Name == "hl7-in"
      | summarize Failed = countif(toint(ResultCode) >= 500), Asked = count() by bin(TimeGenerated, 5m)
      | where Asked > 0 and Failed * 10000.0 / Asked > 5
    '''
  }
  {
    name: 'intake-refusing'
    objective: 'Intake available 99.95 %: an AE is a refusal too.'
    severity: 0
    runbook: 'intake-refuses'
    window: 'PT5M'
    breaches: 2
    query: '''
      Metrics
      | where Name == "hl7.intake.messages" and tostring(Labels.ack) in ("AE", "not-kept")
      | summarize Refused = sum(Sum) by bin(TimeGenerated, 1m)
      | where Refused > 0
    '''
  }
  {
    name: 'no-progress'
    objective: 'Intake available 99.95 %: a canary went the whole way within the last 2 minutes.'
    severity: 0
    runbook: 'backlog'
    window: 'PT5M'
    breaches: 2
    query: '''
      Metrics
      | where Name == "progress.age"
      | summarize Age = min(Max) by bin(TimeGenerated, 1m)
      | where Age > 120
    '''
  }
  {
    name: 'nothing-is-heard'
    objective: 'Intake available 99.95 %: a service that says nothing is not well.'
    severity: 0
    runbook: 'backlog'
    window: 'PT5M'
    breaches: 1
    query: '''
      Metrics
      | where Name == "inbox.depth"
      | summarize Told = count()
      | where Told == 0
    '''
  }
  {
    name: 'anchor-old'
    objective: 'The last audit anchor is at most 5 min old.'
    severity: 0
    runbook: 'chain-broken'
    window: 'PT5M'
    breaches: 1
    query: '''
      Metrics
      | where Name == "audit.anchor.age"
      | summarize Age = min(Max) by bin(TimeGenerated, 1m)
      | where Age > 300
    '''
  }
  {
    name: 'control-id-reused'
    objective: 'A reused control id is never swallowed.'
    severity: 2
    runbook: 'control-id-reuse'
    window: 'PT15M'
    breaches: 1
    query: '''
      Metrics
      | where Name == "hl7.control_id_reuse"
      | summarize Reused = sum(Sum) by bin(TimeGenerated, 1m)
      | where Reused > 0
    '''
  }
  {
    name: 'duplicates-storm'
    objective: 'Duplicate effect 0: a sender that repeats everything.'
    severity: 2
    runbook: 'duplicate-storm'
    window: 'PT15M'
    breaches: 3
    query: '''
      Metrics
      | where Name == "hl7.duplicate.messages"
      | summarize Repeated = sum(Sum) by bin(TimeGenerated, 5m)
      | where Repeated > 100
    '''
  }
  {
    name: 'clock-stepped'
    objective: 'A timer fires at most 10 s late: the clock was set.'
    severity: 1
    runbook: 'clock-step'
    window: 'PT5M'
    breaches: 1
    query: '''
      Metrics
      | where Name == "clock.step.seconds"
      | summarize Step = max(Max) by bin(TimeGenerated, 1m)
      | where Step > 5
    '''
  }
  {
    name: 'model-falls-back'
    objective: 'A card goes out without advice when the model is down; somebody should know that it is.'
    severity: 2
    runbook: 'ai-off'
    window: 'PT30M'
    breaches: 5
    query: '''
      Metrics
      | where Name == "ai.fallback"
      | summarize Fallen = sum(Sum) by bin(TimeGenerated, 5m)
      | where Fallen > 0
    '''
  }
]

resource alerts 'Microsoft.Insights/scheduledQueryRules@2025-01-01-preview' = [
  for rule in rules: {
    name: 'radloop-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Radloop: ${rule.name}'
      description: '${rule.objective} What to do: ${runbooksUrl}/${rule.runbook}.md'
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: rule.window == 'PT4H' ? 'PT15M' : 'PT5M'
      windowSize: rule.window
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: '${metrics}${rule.query}'
            timeAggregation: 'Count'
            operator: 'GreaterThanOrEqual'
            threshold: rule.breaches
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: [people.id]
        customProperties: {
          runbook: '${runbooksUrl}/${rule.runbook}.md'
        }
      }
    }
  }
]

// What Azure itself counts.
var platformRules = [
  {
    name: 'record-throttles'
    objective: 'The record is asked for more than it may give: intake will answer AE.'
    severity: 1
    runbook: 'backlog'
    scope: cosmosAccountId
    namespace: 'Microsoft.DocumentDB/databaseAccounts'
    metric: 'NormalizedRUConsumption'
    aggregation: 'Maximum'
    threshold: 90
  }
  {
    name: 'dead-letters'
    objective: 'The broker gave a message up; the engine should have been first.'
    severity: 1
    runbook: 'poison-burst'
    scope: serviceBusId
    namespace: 'Microsoft.ServiceBus/namespaces'
    metric: 'DeadletteredMessages'
    aggregation: 'Average'
    threshold: 0
  }
  {
    name: 'broker-throttles'
    objective: 'The broker is asked for more than it may give: steps wait, timers come late.'
    severity: 1
    runbook: 'backlog'
    scope: serviceBusId
    namespace: 'Microsoft.ServiceBus/namespaces'
    metric: 'ThrottledRequests'
    aggregation: 'Total'
    threshold: 0
  }
]

resource platformAlerts 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for rule in platformRules: {
    name: 'radloop-${rule.name}'
    location: 'global'
    tags: tags
    properties: {
      description: '${rule.objective} What to do: ${runbooksUrl}/${rule.runbook}.md'
      severity: rule.severity
      enabled: true
      scopes: [rule.scope]
      evaluationFrequency: 'PT1M'
      windowSize: 'PT5M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            name: rule.metric
            criterionType: 'StaticThresholdCriterion'
            metricNamespace: rule.namespace
            metricName: rule.metric
            timeAggregation: rule.aggregation
            operator: 'GreaterThan'
            threshold: rule.threshold
          }
        ]
      }
      actions: [
        {
          actionGroupId: people.id
          webHookProperties: {
            runbook: '${runbooksUrl}/${rule.runbook}.md'
          }
        }
      ]
    }
  }
]
