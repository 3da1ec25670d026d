// The record. One write region (several could roll a winner back), Entra tokens only, reached through its private endpoint only.

@description('Region.')
param location string
@description('Tags of every resource.')
param tags object
@description('Unique part of names.')
param token string
@description('Most request units a second of `cases` (autoscale).')
param casesMaxThroughput int
@description('Most request units a second that the other containers share (autoscale).')
param sharedMaxThroughput int
@description('Spread over availability zones.')
param zoneRedundant bool
@description('Who works on the record.')
param servicePrincipalId string
@description('Who reads it and writes what the auditor keeps.')
param auditorPrincipalId string
@description('Subnet of the private endpoints.')
param endpointsSubnetId string
@description('Zone privatelink.documents.azure.com.')
param zoneId string
@description('Where its diagnostics go.')
param workspaceId string

var databaseName = 'radloop'

resource account 'Microsoft.DocumentDB/databaseAccounts@2025-04-15' = {
  name: 'cosmos-radloop-${token}'
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    minimalTlsVersion: 'Tls12'
    publicNetworkAccess: 'Disabled'
    networkAclBypass: 'None'
    enableMultipleWriteLocations: false
    enableAutomaticFailover: true
    consistencyPolicy: {
      // A read sees what was acknowledged, from every instance: a claim that another one has taken must be seen.
      defaultConsistencyLevel: 'Strong'
    }
    locations: [
      {
        locationName: location
        failoverPriority: 0
        isZoneRedundant: zoneRedundant
      }
    ]
    backupPolicy: {
      type: 'Continuous'
      continuousModeProperties: {
        tier: 'Continuous30Days'
      }
    }
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2025-04-15' = {
  parent: account
  name: databaseName
  properties: {
    resource: {
      id: databaseName
    }
    options: {
      autoscaleSettings: {
        maxThroughput: sharedMaxThroughput
      }
    }
  }
}

// Written by infra/azure/write-layout.ts from what the adapters expect (functions/adapters/azure/cosmos-layout.ts); a test compares. `cases`: all of a case in its one
// partition, with a throughput of its own, so that a rebuild of views can't starve it; the others share. What no query filters or orders by is not indexed.
// `ttl` null: nothing ends; -1: only what says so itself.
var layout = loadJsonContent('cosmos-layout.json')

resource containers 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2025-04-15' = [
  for container in layout: {
    parent: database
    name: container.name
    properties: {
      resource: {
        id: container.name
        partitionKey: {
          paths: [container.key]
          kind: 'Hash'
          version: 2
        }
        defaultTtl: container.ttl
        indexingPolicy: {
          indexingMode: 'consistent'
          automatic: true
          includedPaths: map(container.indexed, path => { path: path == '*' ? '/*' : '/${path}/?' })
          excludedPaths: contains(container.indexed, '*') ? [] : [{ path: '/*' }]
          compositeIndexes: map(container.composite, paths => map(paths, path => { path: '/${path}', order: 'ascending' }))
        }
      }
      options: container.name == 'cases' ? { autoscaleSettings: { maxThroughput: casesMaxThroughput } } : {}
    }
  }
]

// Cosmos DB has its own roles. 0002: read and write documents, no keys, no containers. 0001: read.
resource serviceWrites 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-04-15' = {
  parent: account
  name: guid(account.id, servicePrincipalId, 'contributor')
  properties: {
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/00000000-0000-0000-0000-000000000002'
    principalId: servicePrincipalId
    scope: '${account.id}/dbs/${databaseName}'
  }
}

resource auditorReads 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-04-15' = {
  parent: account
  name: guid(account.id, auditorPrincipalId, 'reader')
  properties: {
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/00000000-0000-0000-0000-000000000001'
    principalId: auditorPrincipalId
    scope: '${account.id}/dbs/${databaseName}'
  }
}

// Seals and checkpoints stand in `site`; of the cases the auditor changes nothing.
resource auditorSeals 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-04-15' = {
  parent: account
  name: guid(account.id, auditorPrincipalId, 'site')
  properties: {
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/00000000-0000-0000-0000-000000000002'
    principalId: auditorPrincipalId
    scope: '${account.id}/dbs/${databaseName}/colls/site'
  }
  dependsOn: [containers]
}

module endpoint 'private-endpoint.bicep' = {
  name: 'cosmos-endpoint'
  params: {
    location: location
    tags: tags
    name: 'pe-cosmos-${token}'
    serviceId: account.id
    groupId: 'Sql'
    subnetId: endpointsSubnetId
    zoneId: zoneId
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: account
  properties: {
    workspaceId: workspaceId
    logs: [
      { category: 'PartitionKeyRUConsumption', enabled: true }
      { category: 'ControlPlaneRequests', enabled: true }
    ]
  }
}

output endpoint string = account.properties.documentEndpoint
output database string = databaseName
output accountId string = account.id
