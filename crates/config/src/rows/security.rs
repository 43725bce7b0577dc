//! Broker keys of TLS, SASL, authorization and delegation tokens.

use crate::rule::LIST;

rows! {
    "authorizer.class.name" String "", NotNull, Low ReadOnly,
        "Authorizer to ask before each operation; empty lets everyone do everything.";
    "connection.failed.authentication.delay.ms" Int "100", AtLeast(0), Low ReadOnly,
        "Wait before closing a connection that failed to authenticate.";
    "connections.max.reauth.ms" Long "0", Any, Medium ReadOnly,
        "Life of a SASL session before its client must authenticate again; 0 for no end.";
    "delegation.token.expiry.check.interval.ms" Long "3600000", AtLeast(1), Low ReadOnly,
        "How often expired delegation tokens are removed.";
    "delegation.token.expiry.time.ms" Long "86400000", AtLeast(1), Medium ReadOnly,
        "Life of a delegation token before it must be renewed.";
    "delegation.token.max.lifetime.ms" Long "604800000", AtLeast(1), Medium ReadOnly,
        "Age that no delegation token outlives, however often it is renewed.";
    "delegation.token.secret.key" Password null, Any, Medium ReadOnly,
        "Secret that signs delegation tokens, the same on all nodes; none disables them.";
    "principal.builder.class" Class "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder", Any, Medium PerBroker,
        "Class that turns an authenticated connection into a principal.";
    "sasl.client.callback.handler.class" Class null, Any, Medium ReadOnly,
        "Class that gives a SASL client its credentials.";
    "sasl.enabled.mechanisms" List "GSSAPI", LIST, Medium PerBroker,
        "SASL mechanisms a listener accepts.";
    "sasl.jaas.config" Password null, Any, Medium PerBroker,
        "JAAS entry with the credentials of a mechanism.";
    "sasl.kerberos.kinit.cmd" String "/usr/bin/kinit", Any, Medium PerBroker,
        "Path of `kinit`.";
    "sasl.kerberos.min.time.before.relogin" Long "60000", Any, Medium PerBroker,
        "Least time between two renewals of a Kerberos ticket.";
    "sasl.kerberos.principal.to.local.rules" List "DEFAULT", LIST, Medium PerBroker,
        "Rules that shorten Kerberos principals to names; the first that fits is used.";
    "sasl.kerberos.service.name" String null, Any, Medium PerBroker,
        "Kerberos service name of the brokers.";
    "sasl.kerberos.ticket.renew.jitter" Double "0.05", Any, Medium PerBroker,
        "Random part of the renewal time of a Kerberos ticket.";
    "sasl.kerberos.ticket.renew.window.factor" Double "0.8", Any, Medium PerBroker,
        "Share of a Kerberos ticket's life after which it is renewed.";
    "sasl.login.callback.handler.class" Class null, Any, Medium ReadOnly,
        "Class that gets the credentials of a login.";
    "sasl.login.class" Class null, Any, Medium ReadOnly,
        "Class that logs in.";
    "sasl.login.connect.timeout.ms" Int null, Any, Low ReadOnly,
        "Wait for a connection to the identity provider.";
    "sasl.login.read.timeout.ms" Int null, Any, Low ReadOnly,
        "Wait for an answer of the identity provider.";
    "sasl.login.refresh.buffer.seconds" Short "300", Any, Medium PerBroker,
        "Time before a credential ends by which it is renewed.";
    "sasl.login.refresh.min.period.seconds" Short "60", Any, Medium PerBroker,
        "Least time between two renewals of a credential.";
    "sasl.login.refresh.window.factor" Double "0.8", Any, Medium PerBroker,
        "Share of a credential's life after which it is renewed.";
    "sasl.login.refresh.window.jitter" Double "0.05", Any, Medium PerBroker,
        "Random part of that time.";
    "sasl.login.retry.backoff.max.ms" Long "10000", Any, Low ReadOnly,
        "Longest pause between tries to log in.";
    "sasl.login.retry.backoff.ms" Long "100", Any, Low ReadOnly,
        "First pause between tries to log in.";
    "sasl.mechanism.controller.protocol" String "GSSAPI", Any, High ReadOnly,
        "SASL mechanism to controllers.";
    "sasl.mechanism.inter.broker.protocol" String "GSSAPI", Any, Medium PerBroker,
        "SASL mechanism between brokers.";
    "sasl.oauthbearer.allow.unverified.audience" Boolean "false", Any, Medium ReadOnly,
        "Whether tokens are taken when no audience is configured to check.";
    "sasl.oauthbearer.allow.unverified.issuer" Boolean "false", Any, Medium ReadOnly,
        "Whether tokens are taken when no issuer is configured to check.";
    "sasl.oauthbearer.assertion.algorithm" String "RS256", OneOfAnyCase(&["ES256", "RS256"]), Medium ReadOnly,
        "Algorithm that signs the assertion sent for a token.";
    "sasl.oauthbearer.assertion.claim.aud" String null, Any, Medium ReadOnly,
        "Audience of that assertion.";
    "sasl.oauthbearer.assertion.claim.exp.seconds" Int "300", Between(0, 86400), Low ReadOnly,
        "Life of that assertion.";
    "sasl.oauthbearer.assertion.claim.iss" String null, Any, Medium ReadOnly,
        "Issuer of that assertion.";
    "sasl.oauthbearer.assertion.claim.jti.include" Boolean "false", Any, Medium ReadOnly,
        "Whether that assertion has an id.";
    "sasl.oauthbearer.assertion.claim.nbf.seconds" Int "60", Between(0, 3600), Low ReadOnly,
        "How far back that assertion's validity begins.";
    "sasl.oauthbearer.assertion.claim.sub" String null, Any, Medium ReadOnly,
        "Subject of that assertion.";
    "sasl.oauthbearer.assertion.file" String null, Any, Medium ReadOnly,
        "File with a ready assertion.";
    "sasl.oauthbearer.assertion.private.key.file" String null, Any, Medium ReadOnly,
        "File with the key that signs the assertion.";
    "sasl.oauthbearer.assertion.private.key.passphrase" Password null, Any, Medium ReadOnly,
        "Passphrase of that key.";
    "sasl.oauthbearer.assertion.template.file" String null, Any, Medium ReadOnly,
        "File with headers and claims that every assertion gets.";
    "sasl.oauthbearer.client.credentials.client.id" String null, Any, Medium ReadOnly,
        "Client id for a token by client credentials.";
    "sasl.oauthbearer.client.credentials.client.secret" Password null, Any, Medium ReadOnly,
        "Client secret for a token by client credentials.";
    "sasl.oauthbearer.clock.skew.seconds" Int "30", Any, Low ReadOnly,
        "Clock difference a token's times may have.";
    "sasl.oauthbearer.expected.audience" List "", LIST, High ReadOnly,
        "Audiences of which a token must name one.";
    "sasl.oauthbearer.expected.issuer" String null, Any, High ReadOnly,
        "Issuer a token must have.";
    "sasl.oauthbearer.jwks.endpoint.refresh.ms" Long "3600000", Any, Low ReadOnly,
        "How often the provider's keys are read again.";
    "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms" Long "10000", Any, Low ReadOnly,
        "Longest pause between tries to read those keys.";
    "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms" Long "100", Any, Low ReadOnly,
        "First pause between tries to read those keys.";
    "sasl.oauthbearer.jwks.endpoint.url" String null, Any, Medium ReadOnly,
        "Where the provider's keys are: an https or file URL.";
    "sasl.oauthbearer.jwt.retriever.class" Class "org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever", Any, Medium ReadOnly,
        "Class that fetches tokens.";
    "sasl.oauthbearer.jwt.validator.class" Class "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator", Any, Medium ReadOnly,
        "Class that checks tokens.";
    "sasl.oauthbearer.scope" String null, Any, Medium ReadOnly,
        "Scope asked for with a token.";
    "sasl.oauthbearer.scope.claim.name" String "scope", Any, Low ReadOnly,
        "Claim that holds a token's scope.";
    "sasl.oauthbearer.sub.claim.name" String "sub", Any, Low ReadOnly,
        "Claim that holds a token's subject.";
    "sasl.oauthbearer.token.endpoint.url" String null, Any, Medium ReadOnly,
        "Where tokens are fetched: an https or file URL.";
    "sasl.server.callback.handler.class" Class null, Any, Medium ReadOnly,
        "Class that checks SASL credentials, by listener and mechanism.";
    "sasl.server.max.receive.size" Int "524288", Any, Medium ReadOnly,
        "Largest SASL message before authentication.";
    "security.inter.broker.protocol" String "PLAINTEXT", OneOf(&["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]), Medium ReadOnly,
        "Security protocol between brokers, if no listener is named for it.";
    "security.providers" String null, Any, Low ReadOnly,
        "Java classes that add security providers.";
    "ssl.allow.dn.changes" Boolean "false", Any, Low ReadOnly,
        "Whether a reloaded certificate may have another subject.";
    "ssl.allow.san.changes" Boolean "false", Any, Low ReadOnly,
        "Whether a reloaded certificate may lack former alternative names.";
    "ssl.cipher.suites" List "", LIST, Medium PerBroker,
        "TLS cipher suites; all that the TLS library likes unless given.";
    "ssl.client.auth" String "none", OneOf(&["required", "requested", "none"]), Medium PerBroker,
        "Whether clients must, may or need not show a certificate.";
    "ssl.enabled.protocols" List "TLSv1.2,TLSv1.3", LIST, Medium PerBroker,
        "TLS versions that may be used.";
    "ssl.endpoint.identification.algorithm" String "https", Any, Low PerBroker,
        "How a server's name is checked against its certificate; empty does not check.";
    "ssl.engine.factory.class" Class null, Any, Low PerBroker,
        "Class that makes TLS engines.";
    "ssl.key.password" Password null, Any, Medium PerBroker,
        "Password of the private key.";
    "ssl.keymanager.algorithm" String "SunX509", Any, Medium PerBroker,
        "Java key manager algorithm.";
    "ssl.keystore.certificate.chain" Password null, Any, Medium PerBroker,
        "Certificate chain as PEM text.";
    "ssl.keystore.key" Password null, Any, Medium PerBroker,
        "Private key as PEM text.";
    "ssl.keystore.location" String null, Any, Medium PerBroker,
        "File with the own key and certificates.";
    "ssl.keystore.password" Password null, Any, Medium PerBroker,
        "Password of that file.";
    "ssl.keystore.type" String "JKS", Any, Medium PerBroker,
        "Format of that file: JKS, PKCS12 or PEM.";
    "ssl.principal.mapping.rules" String "DEFAULT", Any, Low ReadOnly,
        "Rules that shorten certificate subjects to names; the first that fits is used.";
    "ssl.protocol" String "TLSv1.3", Any, Medium PerBroker,
        "TLS version to begin with.";
    "ssl.provider" String null, Any, Medium PerBroker,
        "Java security provider for TLS.";
    "ssl.secure.random.implementation" String null, Any, Low PerBroker,
        "Java source of randomness for TLS.";
    "ssl.trustmanager.algorithm" String "PKIX", Any, Medium PerBroker,
        "Java trust manager algorithm.";
    "ssl.truststore.certificates" Password null, Any, Medium PerBroker,
        "Trusted certificates as PEM text.";
    "ssl.truststore.location" String null, Any, Medium PerBroker,
        "File with trusted certificates.";
    "ssl.truststore.password" Password null, Any, Medium PerBroker,
        "Password of that file.";
    "ssl.truststore.type" String "JKS", Any, Medium PerBroker,
        "Format of that file: JKS, PKCS12 or PEM.";
}
