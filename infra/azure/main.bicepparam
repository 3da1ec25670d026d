using 'main.bicep'

// Read by `azd up` and by `az deployment sub create --parameters infra/azure/main.bicepparam`. RADLOOP_KIND chooses the column.
var kindOfSite = readEnvironmentVariable('RADLOOP_KIND', 'dev')
var sizes = {
  // One person trying it with invented patients. Service Bus Standard has no private endpoint: its broker is reached over the public network.
  dev: {
    messagingUnits: 1
    casesMaxThroughput: 1000
    sharedMaxThroughput: 1000
    zoneRedundant: false
    alwaysReadyDoors: 1
    alwaysReadyTriggers: 1
    maximumInstances: 40
    anchorDays: 1
    logDays: 30
  }
  // As prod, small: rehearsals, restore drills, game days.
  test: {
    messagingUnits: 1
    casesMaxThroughput: 4000
    sharedMaxThroughput: 1000
    zoneRedundant: false
    alwaysReadyDoors: 1
    alwaysReadyTriggers: 1
    maximumInstances: 40
    anchorDays: 7
    logDays: 30
  }
  // One hospital up to some ten: infra/docs/scale.md says what more needs.
  prod: {
    messagingUnits: 1
    casesMaxThroughput: 10000
    sharedMaxThroughput: 4000
    zoneRedundant: true
    alwaysReadyDoors: 2
    alwaysReadyTriggers: 2
    maximumInstances: 100
    anchorDays: 2555
    logDays: 90
  }
}
var size = sizes[kindOfSite]

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'dev')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param kind = kindOfSite
param messagingUnits = size.messagingUnits
param casesMaxThroughput = size.casesMaxThroughput
param sharedMaxThroughput = size.sharedMaxThroughput
param zoneRedundant = size.zoneRedundant
param alwaysReadyDoors = size.alwaysReadyDoors
param alwaysReadyTriggers = size.alwaysReadyTriggers
param maximumInstances = size.maximumInstances
param anchorDays = size.anchorDays
param logDays = size.logDays
param alertEmails = filter(split(readEnvironmentVariable('RADLOOP_ALERT_EMAILS', ''), ','), email => !empty(email))
param runbooksUrl = readEnvironmentVariable('RADLOOP_RUNBOOKS_URL', 'infra/docs/runbooks')
param healthToken = readEnvironmentVariable('RADLOOP_HEALTH_TOKEN')
param apiAudience = readEnvironmentVariable('RADLOOP_API_AUDIENCE', '')
param relay = readEnvironmentVariable('RADLOOP_RELAY', 'no') == 'yes'
param relaySettings = readEnvironmentVariable('RADLOOP_RELAY_SETTINGS', '')
param relayCertificate = readEnvironmentVariable('RADLOOP_RELAY_CERTIFICATE', '')
param relayKey = readEnvironmentVariable('RADLOOP_RELAY_PRIVATE_KEY', '')
param relayClientsCa = readEnvironmentVariable('RADLOOP_RELAY_CLIENTS_CA', '')
param relayClientCertificate = readEnvironmentVariable('RADLOOP_RELAY_CLIENT_CERTIFICATE', '')
param relayClientKey = readEnvironmentVariable('RADLOOP_RELAY_CLIENT_KEY', '')
param relayImage = readEnvironmentVariable('SERVICE_RELAY_IMAGE_NAME', 'mcr.microsoft.com/k8se/quickstart:latest')
param deployerAddress = readEnvironmentVariable('RADLOOP_DEPLOYER_ADDRESS', '')
