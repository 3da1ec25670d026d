// Between the steps: one queue with sessions (session = case), messages of ids only. Premium has a private endpoint and nothing else; Standard can't have
// one, is reached over the public network (Entra tokens only), and is for invented patients.

@description('Region.')
param location string
@description('Tags of every resource.')
param tags object
@description('Unique part of names.')
param token string
@description('Standard is for dev alone.')
@allowed(['Standard', 'Premium'])
param tier string
@description('Messaging units of Premium.')
param messagingUnits int
@description('Who sends and receives.')
param servicePrincipalId string
@description('Subnet of the private endpoints.')
param endpointsSubnetId string
@description('Zone privatelink.servicebus.windows.net.')
param zoneId string
@description('Where its diagnostics go.')
param workspaceId string

var roles = {
  sender: '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39' // Azure Service Bus Data Sender
  receiver: '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0' // Azure Service Bus Data Receiver
}

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: 'sb-radloop-${token}'
  location: location
  tags: tags
  sku: {
    name: tier
    tier: tier
    capacity: tier == 'Premium' ? messagingUnits : null
  }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: tier == 'Premium' ? 'Disabled' : 'Enabled'
  }
}

resource caseEvents 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
  parent: namespace
  name: 'case-events'
  properties: {
    requiresSession: true
    requiresDuplicateDetection: true
    // The longest window there is would cost throughput and promise nothing more: our own dedupe stands in the record.
    duplicateDetectionHistoryTimeWindow: 'PT10M'
    lockDuration: 'PT1M'
    // The engine counts failures and crashes itself (five, three) and quarantines before the broker gives up.
    maxDeliveryCount: 10
    defaultMessageTimeToLive: 'P14D'
    deadLetteringOnMessageExpiration: true
    maxSizeInMegabytes: 5120
    enablePartitioning: false
  }
}

resource sends 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(caseEvents.id, servicePrincipalId, roles.sender)
  scope: caseEvents
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.sender)
    principalId: servicePrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource receives 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(caseEvents.id, servicePrincipalId, roles.receiver)
  scope: caseEvents
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.receiver)
    principalId: servicePrincipalId
    principalType: 'ServicePrincipal'
  }
}

module endpoint 'private-endpoint.bicep' = if (tier == 'Premium') {
  name: 'service-bus-endpoint'
  params: {
    location: location
    tags: tags
    name: 'pe-service-bus-${token}'
    serviceId: namespace.id
    groupId: 'namespace'
    subnetId: endpointsSubnetId
    zoneId: zoneId
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: namespace
  properties: {
    workspaceId: workspaceId
    logs: [
      { category: 'OperationalLogs', enabled: true }
    ]
  }
}

output hostName string = '${namespace.name}.servicebus.windows.net'
output namespaceId string = namespace.id
