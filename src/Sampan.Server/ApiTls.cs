namespace Sampan.Server;

/// <summary>How the API is served over TLS.</summary>
/// <param name="CertificateFile">The server's certificate, PEM, those between it and its authority behind it.</param>
/// <param name="KeyFile">Its key, PEM.</param>
/// <param name="AuthorityFile">Clients must have a certificate of one of these authorities, PEM; null: anybody may come.</param>
public sealed record ApiTls(string CertificateFile, string KeyFile, string? AuthorityFile);
