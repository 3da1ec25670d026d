// Who is who: one identity an app, so that each role assignment says for whom. No key, no password, no connection string anywhere.

@description('Region.')
param location string
@description('Tags of every resource.')
param tags object
@description('Unique part of names.')
param token string

resource service 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-radloop-service-${token}'
  location: location
  tags: tags
}

resource auditor 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-radloop-auditor-${token}'
  location: location
  tags: tags
}

resource relay 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-radloop-relay-${token}'
  location: location
  tags: tags
}

// The bot's own: it proves the bot to the Bot Connector and has no role on any resource.
resource bot 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-radloop-bot-${token}'
  location: location
  tags: tags
}

output serviceId string = service.id
output serviceClientId string = service.properties.clientId
output servicePrincipalId string = service.properties.principalId
output auditorId string = auditor.id
output auditorClientId string = auditor.properties.clientId
output auditorPrincipalId string = auditor.properties.principalId
output relayId string = relay.id
output relayPrincipalId string = relay.properties.principalId
output botId string = bot.id
output botClientId string = bot.properties.clientId
