// The bot's registration with the Bot Connector: it proves itself by a managed identity, so there is no password to leak or to renew.

@description('Tags of every resource.')
param tags object
@description('Unique part of names.')
param token string
@description('The bot\'s identity.')
param identityId string
@description('Its client id: the application id of the bot.')
param identityClientId string
@description('Where Teams sends activities.')
param endpoint string

resource bot 'Microsoft.BotService/botServices@2022-09-15' = {
  name: 'bot-radloop-${token}'
  location: 'global'
  tags: tags
  kind: 'azurebot'
  sku: { name: 'S1' }
  properties: {
    displayName: 'Radloop'
    endpoint: endpoint
    msaAppId: identityClientId
    msaAppMSIResourceId: identityId
    msaAppTenantId: tenant().tenantId
    msaAppType: 'UserAssignedMSI'
    disableLocalAuth: true
  }
}

resource teams 'Microsoft.BotService/botServices/channels@2022-09-15' = {
  parent: bot
  name: 'MsTeamsChannel'
  location: 'global'
  properties: {
    channelName: 'MsTeamsChannel'
    properties: {
      isEnabled: true
    }
  }
}
