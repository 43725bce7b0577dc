//! Keys that producers, consumers and admin clients share, with the same defaults.

use crate::rule::LIST;

rows! {
    "bootstrap.resolve.timeout.ms" Long "0", AtLeast(0), High ReadOnly,
        "How long unresolvable bootstrap names are tried again before giving up.";
    "client.dns.lookup" String "use_all_dns_ips", OneOf(&["use_all_dns_ips", "resolve_canonical_bootstrap_servers_only"]), Medium ReadOnly,
        "How many of a name's addresses are tried.";
    "config.providers" List "", LIST, Low ReadOnly,
        "Names of sources that replace `${name:path:key}` in values.";
    "metadata.cluster.check.enable" Boolean "true", Any, Low ReadOnly,
        "Whether answers of another cluster than the first are refused.";
    "metadata.max.age.ms" Long "300000", AtLeast(0), Low ReadOnly,
        "Age at which metadata is asked for again.";
    "metadata.recovery.rebootstrap.trigger.ms" Long "300000", AtLeast(0), Low ReadOnly,
        "Time without metadata after which the bootstrap servers are asked again.";
    "metadata.recovery.strategy" String "rebootstrap", OneOfAnyCase(&["REBOOTSTRAP", "NONE"]), Low ReadOnly,
        "Whether to begin again with the bootstrap servers when no known broker answers.";
    "metric.reporters" List "org.apache.kafka.common.metrics.JmxReporter", LIST, Low ReadOnly,
        "Classes that publish metrics.";
    "metrics.num.samples" Int "2", AtLeast(1), Low ReadOnly,
        "Samples kept for a metric.";
    "metrics.recording.level" String "INFO", OneOf(&["INFO", "DEBUG", "TRACE"]), Low ReadOnly,
        "Finest level of metrics that are recorded.";
    "metrics.sample.window.ms" Long "30000", AtLeast(0), Low ReadOnly,
        "Length of one of those samples.";
    "reconnect.backoff.max.ms" Long "1000", AtLeast(0), Low ReadOnly,
        "Longest pause before connecting again.";
    "reconnect.backoff.ms" Long "50", AtLeast(0), Low ReadOnly,
        "First pause before connecting again.";
    "request.timeout.ms" Int "30000", AtLeast(0), Medium ReadOnly,
        "Time to wait for an answer.";
    "retry.backoff.max.ms" Long "1000", AtLeast(0), Low ReadOnly,
        "Longest pause before a request is sent again.";
    "retry.backoff.ms" Long "100", AtLeast(0), Low ReadOnly,
        "First pause before a request is sent again.";
    "sasl.client.callback.handler.class" Class null, Any, Medium ReadOnly,
        "Class that gives a SASL client its credentials.";
    "sasl.jaas.config" Password null, Any, Medium ReadOnly,
        "JAAS entry with the credentials of a mechanism.";
    "sasl.kerberos.kinit.cmd" String "/usr/bin/kinit", Any, Low ReadOnly,
        "Path of `kinit`.";
    "sasl.kerberos.min.time.before.relogin" Long "60000", Any, Low ReadOnly,
        "Least time between two renewals of a Kerberos ticket.";
    "sasl.kerberos.service.name" String null, Any, Medium ReadOnly,
        "Kerberos service name of the brokers.";
    "sasl.kerberos.ticket.renew.jitter" Double "0.05", Any, Low ReadOnly,
        "Random part of the renewal time of a Kerberos ticket.";
    "sasl.kerberos.ticket.renew.window.factor" Double "0.8", Any, Low ReadOnly,
        "Share of a Kerberos ticket's life after which it is renewed.";
    "sasl.login.callback.handler.class" Class null, Any, Medium ReadOnly,
        "Class that gets the credentials of a login.";
    "sasl.login.class" Class null, Any, Medium ReadOnly,
        "Class that logs in.";
    "sasl.login.connect.timeout.ms" Int null, Any, Low ReadOnly,
        "Wait for a connection to the identity provider.";
    "sasl.login.read.timeout.ms" Int null, Any, Low ReadOnly,
        "Wait for an answer of the identity provider.";
    "sasl.login.refresh.buffer.seconds" Short "300", Between(0, 3600), Low ReadOnly,
        "Time before a credential ends by which it is renewed.";
    "sasl.login.refresh.min.period.seconds" Short "60", Between(0, 900), Low ReadOnly,
        "Least time between two renewals of a credential.";
    "sasl.login.refresh.window.factor" Double "0.8", BetweenReal(0.5, 1.0, "[0.5,...,1.0]"), Low ReadOnly,
        "Share of a credential's life after which it is renewed.";
    "sasl.login.refresh.window.jitter" Double "0.05", BetweenReal(0.0, 0.25, "[0.0,...,0.25]"), Low ReadOnly,
        "Random part of that time.";
    "sasl.login.retry.backoff.max.ms" Long "10000", Any, Low ReadOnly,
        "Longest pause between tries to log in.";
    "sasl.login.retry.backoff.ms" Long "100", Any, Low ReadOnly,
        "First pause between tries to log in.";
    "sasl.mechanism" String "GSSAPI", Any, Medium ReadOnly,
        "SASL mechanism to authenticate with.";
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
    "sasl.oauthbearer.header.urlencode" Boolean "false", Any, Low ReadOnly,
        "Whether client id and secret are URL-encoded in the header.";
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
    "security.protocol" String "PLAINTEXT", OneOfAnyCase(&["SASL_SSL", "PLAINTEXT", "SSL", "SASL_PLAINTEXT"]), Medium ReadOnly,
        "How to talk to brokers: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.";
    "security.providers" String null, Any, Low ReadOnly,
        "Java classes that add security providers.";
    "send.buffer.bytes" Int "131072", AtLeast(-1), Medium ReadOnly,
        "Socket send buffer; -1 for the system's own.";
    "socket.connection.setup.timeout.max.ms" Long "30000", Any, Medium ReadOnly,
        "Longest wait for a connection to be set up, after retries.";
    "socket.connection.setup.timeout.ms" Long "10000", Any, Medium ReadOnly,
        "First wait for a connection to be set up.";
    "ssl.cipher.suites" List "", LIST, Low ReadOnly,
        "TLS cipher suites; all that the TLS library likes unless given.";
    "ssl.enabled.protocols" List "TLSv1.2,TLSv1.3", LIST, Medium ReadOnly,
        "TLS versions that may be used.";
    "ssl.endpoint.identification.algorithm" String "https", Any, Low ReadOnly,
        "How a server's name is checked against its certificate; empty does not check.";
    "ssl.engine.factory.class" Class null, Any, Low ReadOnly,
        "Class that makes TLS engines.";
    "ssl.key.password" Password null, Any, High ReadOnly,
        "Password of the private key.";
    "ssl.keymanager.algorithm" String "SunX509", Any, Low ReadOnly,
        "Java key manager algorithm.";
    "ssl.keystore.certificate.chain" Password null, Any, High ReadOnly,
        "Certificate chain as PEM text.";
    "ssl.keystore.key" Password null, Any, High ReadOnly,
        "Private key as PEM text.";
    "ssl.keystore.location" String null, Any, High ReadOnly,
        "File with the own key and certificates.";
    "ssl.keystore.password" Password null, Any, High ReadOnly,
        "Password of that file.";
    "ssl.keystore.type" String "JKS", Any, Medium ReadOnly,
        "Format of that file: JKS, PKCS12 or PEM.";
    "ssl.protocol" String "TLSv1.3", Any, Medium ReadOnly,
        "TLS version to begin with.";
    "ssl.provider" String null, Any, Medium ReadOnly,
        "Java security provider for TLS.";
    "ssl.secure.random.implementation" String null, Any, Low ReadOnly,
        "Java source of randomness for TLS.";
    "ssl.trustmanager.algorithm" String "PKIX", Any, Low ReadOnly,
        "Java trust manager algorithm.";
    "ssl.truststore.certificates" Password null, Any, High ReadOnly,
        "Trusted certificates as PEM text.";
    "ssl.truststore.location" String null, Any, High ReadOnly,
        "File with trusted certificates.";
    "ssl.truststore.password" Password null, Any, High ReadOnly,
        "Password of that file.";
    "ssl.truststore.type" String "JKS", Any, Medium ReadOnly,
        "Format of that file: JKS, PKCS12 or PEM.";
}
