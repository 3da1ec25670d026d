targetScope = 'subscription'

// The whole of a Radloop installation on Azure. infra/README.md walks through it; main.bicepparam holds the sizes of dev, test and prod.

@description('Name of the azd environment, such as `north-prod`. Part of every name, and the tag that azd finds its resources by.')
@minLength(2)
@maxLength(20)
param environmentName string

@description('Region of everything, such as `westeurope`. Flex Consumption, and zones where they are asked for, must exist there.')
param location string

@description('dev: Service Bus Standard over the public network, for invented patients only. test and prod: Premium and private endpoints.')
@allowed(['dev', 'test', 'prod'])
param kind string

@description('Messaging units of Service Bus Premium. Not used by Standard.')
@allowed([1, 2, 4, 8, 16])
param messagingUnits int

@description('Most request units a second of the container `cases` (autoscale goes down to a tenth). infra/docs/scale.md says how many a hospital needs.')
@minValue(1000)
param casesMaxThroughput int

@description('Most request units a second that the other containers share.')
@minValue(1000)
param sharedMaxThroughput int

@description('Spread over availability zones. The region must have them.')
param zoneRedundant bool

@description('Instances that always run for the doors and the bot (scale group `http`). 0 breaks the time limits: the first message after a pause waits for a cold start.')
@minValue(0)
param alwaysReadyDoors int

@description('Instances that always run for each trigger that is no door (timers, case events).')
@minValue(0)
param alwaysReadyTriggers int

@description('Most instances of the service.')
@minValue(40)
@maxValue(1000)
param maximumInstances int

@description('Days for which no audit anchor can be changed or deleted by anybody. 2555 are seven years.')
@minValue(1)
param anchorDays int

@description('Days that logs, traces and metrics are kept. They hold no patient data.')
@minValue(30)
@maxValue(730)
param logDays int

@description('E-mail addresses that alerts go to. Empty: alerts fire and are seen in the portal only.')
param alertEmails array

@description('Where the runbooks can be read, without a slash at the end; each alert links to a file there.')
param runbooksUrl string

@description('Bearer token for the detail of the health routes and for `radloop doctor --service`, at least 32 characters.')
@secure()
@minLength(32)
param healthToken string

@description('Application (client) id of the app registration of the site\'s API: opens /api/mcp to outside orchestrators (infra/docs/copilot-studio.md). Empty: that door is not there.')
param apiAudience string

@description('Deploy the MLLP relay. Needs the four relay… secrets below.')
param relay bool

@description('The relay\'s settings (infra/relay/README.md): destinations, and which certificate is whose.')
@secure()
param relaySettings string

@description('PEM: certificate that the relay shows to senders and to the service.')
@secure()
param relayCertificate string

@description('PEM: private key of the relay\'s certificate.')
@secure()
param relayKey string

@description('PEM: authorities that sign the certificates of senders and of the service.')
@secure()
param relayClientsCa string

@description('PEM: certificate by which the service shows the relay who it is.')
@secure()
param relayClientCertificate string

@description('PEM: private key of that certificate.')
@secure()
param relayClientKey string

@description('Image of the relay. azd sets it when it deploys; until then nothing listens.')
param relayImage string

@description('Address of the machine that deploys, when it is not inside the network: the image registry lets this one address in. Empty: the registry is closed to the public network.')
param deployerAddress string

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = {
  'azd-env-name': environmentName
}
// What Standard can't have: a private endpoint. So dev alone goes over the public network to its broker, still with Entra tokens only.
var serviceBusTier = kind == 'dev' ? 'Standard' : 'Premium'

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg-radloop-${environmentName}'
  location: location
  tags: tags
}

module network 'modules/network.bicep' = {
  name: 'network'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
  }
}

module identities 'modules/identities.bicep' = {
  name: 'identities'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    logDays: logDays
    publisherPrincipalIds: [identities.outputs.servicePrincipalId, identities.outputs.auditorPrincipalId]
  }
}

module cosmos 'modules/cosmos.bicep' = {
  name: 'cosmos'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    casesMaxThroughput: casesMaxThroughput
    sharedMaxThroughput: sharedMaxThroughput
    zoneRedundant: zoneRedundant
    servicePrincipalId: identities.outputs.servicePrincipalId
    auditorPrincipalId: identities.outputs.auditorPrincipalId
    endpointsSubnetId: network.outputs.endpointsSubnetId
    zoneId: network.outputs.cosmosZoneId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module serviceBus 'modules/service-bus.bicep' = {
  name: 'service-bus'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    tier: serviceBusTier
    messagingUnits: messagingUnits
    servicePrincipalId: identities.outputs.servicePrincipalId
    endpointsSubnetId: network.outputs.endpointsSubnetId
    zoneId: network.outputs.serviceBusZoneId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    zoneRedundant: zoneRedundant
    anchorDays: anchorDays
    servicePrincipalId: identities.outputs.servicePrincipalId
    auditorPrincipalId: identities.outputs.auditorPrincipalId
    endpointsSubnetId: network.outputs.endpointsSubnetId
    zoneId: network.outputs.blobZoneId
  }
}

module keyVault 'modules/key-vault.bicep' = {
  name: 'key-vault'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    healthToken: healthToken
    relay: relay
    relaySettings: relaySettings
    relayCertificate: relayCertificate
    relayKey: relayKey
    relayClientsCa: relayClientsCa
    relayClientCertificate: relayClientCertificate
    relayClientKey: relayClientKey
    servicePrincipalId: identities.outputs.servicePrincipalId
    auditorPrincipalId: identities.outputs.auditorPrincipalId
    relayPrincipalId: identities.outputs.relayPrincipalId
    endpointsSubnetId: network.outputs.endpointsSubnetId
    zoneId: network.outputs.keyVaultZoneId
    workspaceId: monitoring.outputs.workspaceId
  }
}

// Both apps run the same package with these; what differs stands with each.
var sharedSettings = {
  RADLOOP_STORE: 'azure'
  RADLOOP_SITE: 'site'
  RADLOOP_COSMOS_ENDPOINT: cosmos.outputs.endpoint
  RADLOOP_COSMOS_DATABASE: cosmos.outputs.database
  RADLOOP_SERVICE_BUS_NAMESPACE: serviceBus.outputs.hostName
  RADLOOP_BLOB_ENDPOINT: storage.outputs.blobEndpoint
  RADLOOP_KEY_ID: keyVault.outputs.wrapKeyId
  RADLOOP_SIGN_KEY_ID: keyVault.outputs.signKeyId
  RADLOOP_ANCHORS: storage.outputs.anchorsUrl
  RADLOOP_DOWNTIME: storage.outputs.downtimeUrl
  RADLOOP_CLIENT_CERTIFICATE_HEADER: 'ignored'
  // Metrics as lines of the log: what the alerts read.
  RADLOOP_TELEMETRY: 'lines'
  RADLOOP_HEALTH_TOKEN: keyVault.outputs.healthTokenReference
  MicrosoftAppId: identities.outputs.botClientId
  MicrosoftAppTenantId: tenant().tenantId
}

// The connection of the trigger `case-events`, as the Functions host reads it.
var triggerSettings = {
  ServiceBus__fullyQualifiedNamespace: serviceBus.outputs.hostName
  ServiceBus__credential: 'managedidentity'
  ServiceBus__clientId: identities.outputs.serviceClientId
}

var relayPath = relay
  ? {
      RADLOOP_RELAY_URL: 'https://relay.radloop.internal:8443'
      RADLOOP_RELAY_CERT: keyVault.outputs.relayClientCertificateReference
      RADLOOP_RELAY_KEY: keyVault.outputs.relayClientKeyReference
      RADLOOP_RELAY_CA: keyVault.outputs.relayClientsCaReference
    }
  : {}

var apiDoor = empty(apiAudience)
  ? {}
  : {
      RADLOOP_API_AUDIENCE: apiAudience
    }

module service 'modules/function-app.bicep' = {
  name: 'service'
  scope: group
  params: {
    location: location
    tags: union(tags, { 'azd-service-name': 'service' })
    name: 'func-radloop-${token}'
    hostAccountName: 'strlsvc${take(token, 13)}'
    identityId: identities.outputs.serviceId
    identityClientId: identities.outputs.serviceClientId
    identityPrincipalId: identities.outputs.servicePrincipalId
    moreIdentityIds: [identities.outputs.botId]
    settings: union(sharedSettings, relayPath, apiDoor, triggerSettings, { RADLOOP_ROLE: 'service' })
    isPublic: true
    alwaysReady: [
      { name: 'http', instanceCount: alwaysReadyDoors }
      { name: 'function:tick', instanceCount: alwaysReadyTriggers }
    ]
    maximumInstances: maximumInstances
    zoneRedundant: zoneRedundant
    subnetId: network.outputs.serviceSubnetId
    endpointsSubnetId: network.outputs.endpointsSubnetId
    blobZoneId: network.outputs.blobZoneId
    applicationInsightsConnectionString: monitoring.outputs.connectionString
  }
}

module auditor 'modules/function-app.bicep' = {
  name: 'auditor'
  scope: group
  params: {
    location: location
    tags: union(tags, { 'azd-service-name': 'auditor' })
    name: 'func-radloop-audit-${token}'
    hostAccountName: 'strlaud${take(token, 13)}'
    identityId: identities.outputs.auditorId
    identityClientId: identities.outputs.auditorClientId
    identityPrincipalId: identities.outputs.auditorPrincipalId
    moreIdentityIds: []
    settings: union(sharedSettings, {
      RADLOOP_ROLE: 'auditor'
      RADLOOP_SERVICE_URL: 'https://${service.outputs.hostName}'
    })
    isPublic: false
    alwaysReady: [
      { name: 'function:tick', instanceCount: 1 }
      { name: 'function:watcher', instanceCount: 1 }
    ]
    maximumInstances: 40
    zoneRedundant: zoneRedundant
    subnetId: network.outputs.auditorSubnetId
    endpointsSubnetId: network.outputs.endpointsSubnetId
    blobZoneId: network.outputs.blobZoneId
    applicationInsightsConnectionString: monitoring.outputs.connectionString
  }
}

module bot 'modules/bot.bicep' = {
  name: 'bot'
  scope: group
  params: {
    tags: tags
    token: token
    identityId: identities.outputs.botId
    identityClientId: identities.outputs.botClientId
    endpoint: 'https://${service.outputs.hostName}/api/messages'
  }
}

module registry 'modules/registry.bicep' = if (relay) {
  name: 'registry'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    deployerAddress: deployerAddress
    pullerPrincipalId: identities.outputs.relayPrincipalId
    endpointsSubnetId: network.outputs.endpointsSubnetId
    zoneId: network.outputs.registryZoneId
  }
}

module mllpRelay 'modules/relay.bicep' = if (relay) {
  name: 'relay'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    zoneRedundant: zoneRedundant
    image: relayImage
    registryServer: relay ? registry!.outputs.loginServer : ''
    identityId: identities.outputs.relayId
    subnetId: network.outputs.relaySubnetId
    vnetId: network.outputs.vnetId
    vaultUri: keyVault.outputs.uri
    doorUrl: 'https://${service.outputs.hostName}/api/hl7'
    workspaceName: monitoring.outputs.workspaceName
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    location: location
    tags: tags
    emails: alertEmails
    runbooksUrl: runbooksUrl
    workspaceId: monitoring.outputs.workspaceId
    cosmosAccountId: cosmos.outputs.accountId
    serviceBusId: serviceBus.outputs.namespaceId
  }
}

module workbook 'modules/workbook.bicep' = {
  name: 'workbook'
  scope: group
  params: {
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
  }
}

@description('The bot\'s messaging endpoint and the site\'s doors: the one public host name.')
output RADLOOP_HOST string = service.outputs.hostName

@description('Application id for the Teams app package.')
output RADLOOP_BOT_ID string = identities.outputs.botClientId

@description('Storage account whose container `anchors` is to be locked.')
output RADLOOP_ANCHORS_ACCOUNT string = storage.outputs.anchorsAccountName

@description('Where azd pushes the relay\'s image.')
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = relay ? registry!.outputs.loginServer : ''

@description('Where senders connect with MLLP over TLS, from inside the network.')
output RADLOOP_RELAY_ADDRESS string = relay ? mllpRelay!.outputs.mllpAddress : ''
