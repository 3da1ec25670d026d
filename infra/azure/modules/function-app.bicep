// One app on Flex Consumption, Node 24, with the storage account that the Functions host itself needs (leases of timers, the package). It holds no data of the site.

@description('Region.')
param location string
@description('Tags; azd finds the app by `azd-service-name`.')
param tags object
@description('Name of the app, the first part of its host name.')
param name string
@description('Name of the host\'s storage account.')
@minLength(3)
@maxLength(24)
param hostAccountName string
@description('The app\'s identity.')
param identityId string
@description('Its client id.')
param identityClientId string
@description('Its principal id.')
param identityPrincipalId string
@description('Further identities that the app may act as: the bot\'s.')
param moreIdentityIds array
@description('Settings of functions/config.ts.')
param settings object
@description('true: the bot\'s route and the site\'s doors are reached from the internet, each behind its own check. false: nobody calls this app.')
param isPublic bool
@description('Always-ready instances by scale group: `http`, or `function:NAME`.')
param alwaysReady array
@description('Most instances.')
param maximumInstances int
@description('Spread over availability zones.')
param zoneRedundant bool
@description('Subnet that the app calls out through.')
param subnetId string
@description('Subnet of the private endpoints.')
param endpointsSubnetId string
@description('Zone privatelink.blob.core.windows.net.')
param blobZoneId string
@description('Of Application Insights; says where telemetry goes, and opens nothing: ingestion asks for a token.')
param applicationInsightsConnectionString string

var packageContainer = 'package'
var roles = {
  // What the Functions host asks for on its own account (learn.microsoft.com/azure/azure-functions/functions-reference, "Connecting to host storage with an identity").
  owner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
}

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: hostAccountName
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS' }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: 'Deny'
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: packageContainer
  properties: {
    publicAccess: 'None'
  }
}

resource hostOwnsItsAccount 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, identityPrincipalId, roles.owner)
  scope: account
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.owner)
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
  }
}

module endpoint 'private-endpoint.bicep' = {
  name: 'endpoint-${hostAccountName}'
  params: {
    location: location
    tags: tags
    name: 'pe-${hostAccountName}'
    serviceId: account.id
    groupId: 'blob'
    subnetId: endpointsSubnetId
    zoneId: blobZoneId
  }
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

var identities = union([identityId], moreIdentityIds)

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: toObject(identities, id => id, id => {})
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: subnetId
    keyVaultReferenceIdentity: identityId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${account.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'node'
        version: '24'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: maximumInstances
        alwaysReady: filter(alwaysReady, group => group.instanceCount > 0)
        triggers: {
          http: {
            perInstanceConcurrency: 100
          }
        }
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
      ipSecurityRestrictionsDefaultAction: isPublic ? 'Allow' : 'Deny'
      // Deployments come in there with an Entra token; passwords are off (below).
      scmIpSecurityRestrictionsDefaultAction: 'Allow'
      scmIpSecurityRestrictionsUseMain: false
    }
  }
  dependsOn: [hostOwnsItsAccount, packages]
}

resource appSettings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'appsettings'
  properties: union(settings, {
    AZURE_CLIENT_ID: identityClientId
    AzureWebJobsStorage__accountName: account.name
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identityClientId
    APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  })
}

resource noFtpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource noDeployPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

output hostName string = app.properties.defaultHostName
